import { maxNameBytes, refusalOf } from "./fileName.js";

/** Characters of no safe name, wherever they stand: separators, what Windows forbids, control characters, and those that nobody sees or that reorder text. */
const forbidden = /[/\\<>:"|?*\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * The name of a file that its user typed, in an address, as near to it as `safeFileName` takes: what that refuses becomes `_`, and what is too long is cut
 * before its ending. Names of strangers are refused instead.
 */
export function usableFileName(name: string): string {
  const plain = cut(name.replace(forbidden, "_").replace(/^\s|[.\s]$/g, "_"));
  // Names that programs or systems know, and those of unfinished downloads.
  const unknown = cut(`_${plain}`);
  const tries = [name, plain, unknown, unknown.replace(/\.(?=part(?:\.|$))/gi, "_")];
  return tries.find((each) => refusalOf(each) === undefined) ?? "download";
}

function cut(name: string): string {
  const [ending = ""] = /\.[^.]{1,20}$/.exec(name) ?? [];
  let stem = name.slice(0, name.length - ending.length);
  while (new TextEncoder().encode(stem + ending).length > maxNameBytes) stem = Array.from(stem).slice(0, -1).join("");
  return stem + ending;
}
