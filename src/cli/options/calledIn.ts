import type { Option } from "commander";

/** An option's name as it was typed; the long one where both of them were, or neither. */
export function calledIn(
  { long, short, flags }: Pick<Option, "long" | "short" | "flags">,
  words: readonly string[] = process.argv.slice(2),
): string {
  const called = long ?? flags;
  if (short === undefined || words.some((word) => word === called || word.startsWith(`${called}=`))) return called;
  // Letters of switches may stand before that of an option with a value, and the value behind it.
  const isShort = words.some((word) => /^-[a-z]/i.test(word) && word.includes(short.slice(1)));
  return isShort ? short : called;
}
