import { type Command, Option } from "commander";
import { UsageError } from "../UsageError.js";
import type { Asked } from "./Asked.js";
import { calledIn } from "./calledIn.js";

// A command's options stand in rows. A row says all that there is to an option: how it is typed, how its value is read, what it is of no use without. So every
// value is read, and refused by the option's name, before the command begins, and no command has to look after options that do not fit together.

/**
 * Makes a value of what was typed behind an option, called `called`. Throws `UsageError` with that name, the value (of secrets none) and what would be right.
 */
export type Reader = (text: string, called: string) => unknown;

/** Options that were typed, by their names in camel case, with their values. */
type Typed = Readonly<Record<string, unknown>>;

/** Words, to stand behind the name of an option, for why it cannot be beside what else was typed; nothing where it can. */
export type Need = (typed: Typed, value: unknown) => string | undefined;

/** Why an option cannot matter to what was asked for, in words; nothing where it may. */
type Idle = (asked: Asked) => string | undefined;

/** One option of a command. */
export interface OptionRow {
  /** As commander takes it: `-o, --out <file>`. */
  readonly flags: string;
  readonly description: string;
  /** The way to read its value; a switch has none. */
  readonly read?: Reader;
  /** True when each value is one more. */
  readonly repeats?: true;
  /** Value of one that was not typed. */
  readonly usual?: string;
  /** Contradictions, which are errors. */
  readonly needs?: readonly Need[];
  /** Uselessness, which is told. */
  readonly idle?: Idle;
}

/** Options that the help shows under one heading. */
export interface OptionGroup {
  readonly heading: string;
  readonly rows: readonly OptionRow[];
}

/** Gives a command its options. One that contradicts what else was typed is refused before the command begins. */
export function addOptions(command: Command, rows: readonly OptionRow[], heading?: string): Command {
  for (const row of rows) command.addOption(optionOf(row, heading));
  return command.hook("preAction", () => checkNeeds(command, rows));
}

/** Lines for people on the options that were typed and cannot matter to what was asked for. */
export function idleOptions(command: Command, rows: readonly OptionRow[], asked: Asked): readonly string[] {
  const typed = typedIn(command);
  return rows.flatMap((row) => {
    const option = new Option(row.flags);
    const why = isTyped(option, typed) ? row.idle?.(asked) : undefined;
    return why === undefined ? [] : [`${calledIn(option)} is of no use here: ${why}`];
  });
}

function optionOf({ flags, description, read, repeats, usual }: OptionRow, heading: string | undefined): Option {
  const option = new Option(flags, description);
  if (heading !== undefined) option.helpGroup(`${heading}:`);
  if (usual !== undefined) option.default(usual);
  if (read === undefined) return option;
  return option.argParser((text: string, before: unknown) => {
    const value = read(text, calledIn(option));
    return repeats === true ? [...(Array.isArray(before) ? (before as unknown[]) : []), value] : value;
  });
}

function checkNeeds(command: Command, rows: readonly OptionRow[]): void {
  const typed = typedIn(command);
  for (const { flags, needs = [] } of rows) {
    const option = new Option(flags);
    if (!isTyped(option, typed)) continue;
    const [words] = needs.flatMap((need) => need(typed, typed[option.attributeName()]) ?? []);
    if (words !== undefined) throw new UsageError(`${calledIn(option)} ${words}`);
  }
}

function typedIn(command: Command): Typed {
  const given = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given);
}

/** True of the one of a pair such as `--exchange` and `--no-exchange` that counts. */
function isTyped(option: Option, typed: Typed): boolean {
  const name = option.attributeName();
  return Object.hasOwn(typed, name) && option.negate === (typed[name] === false);
}
