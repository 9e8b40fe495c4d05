import { retryMeanings, retryRanges } from "../../command.js";
import { policyNames, resolveRetryConfig, strategyNames } from "../../index.js";
import type { PolicyName, RetryConfig, StrategyName } from "../../index.js";
import type { DownloadFileOptions } from "../../node.js";
import { UsageError, usage } from "../UsageError.js";
import { parseRate } from "./parseRate.js";
import { numberIn, someBytes, takeNumber } from "./takeNumber.js";

/** Options that `get` takes from flags and from a config file alike. */
export type GetOptions = Partial<RetryConfig> & {
  readonly failFast?: boolean;
  readonly strictPermanent?: boolean;
  readonly parallelRetries?: boolean;
  readonly strategy?: StrategyName;
  readonly policy?: PolicyName;
  readonly dir?: string;
  readonly overwrite?: boolean;
  readonly limitRate?: number;
  readonly catalogue?: boolean;
  readonly discovery?: boolean;
  readonly exchange?: boolean;
  readonly maxMetalinkBytes?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
};

/** One option, however it is given. */
export interface OptionRow {
  /** Name in a config file. */
  readonly name: string;
  /** As commander takes it. */
  readonly flags: string;
  readonly description: string;
  /** The value behind what a config file gives; throws `UsageError`, in which the option is called as the user wrote it. */
  readonly take: (given: unknown, called: string) => unknown;
  /** Value of a flag, as a config file would give it. @default the text */
  readonly typed?: (text: unknown) => unknown;
  /** True when it decides which files are written: then a config file has to be named by the user to be believed. */
  readonly writes?: true;
}

const retryRows = Object.entries(retryMeanings).map(([name, { meaning, unit, usual }]): OptionRow => {
  const value = name in retryRanges ? "n" : "how";
  const flags = `--${kebab(name)} <${value}>`;
  const description = `${meaning}${unit === undefined ? "" : `, ${unit}`} (${usual})`;
  return { name, description, flags, take: takeRetryOption(name), typed: numberIn };
});

/** Every option of `get` that a config file may hold. */
export const optionRows: readonly OptionRow[] = [
  {
    name: "dir",
    flags: "-d, --dir <folder>",
    description: "where to put the file (.)",
    take: takeFolder,
    writes: true,
  },
  {
    name: "overwrite",
    flags: "--overwrite",
    description: "replace another file of that name",
    take: takeSwitch,
    writes: true,
  },
  {
    name: "limitRate",
    flags: "--limit-rate <rate>",
    description: "bytes a second at most, such as 500k or 2M",
    take: takeRate,
  },
  {
    name: "catalogue",
    flags: "--no-catalogue",
    description: "neither use nor keep what downloads learn of peers",
    take: takeSwitch,
  },
  {
    name: "discovery",
    flags: "--no-discovery",
    description: "use no mirrors and digests of which answers tell, only what was given",
    take: takeSwitch,
  },
  {
    name: "exchange",
    flags: "--exchange",
    description: "ask peers for others that have the file, and these, too (only with --seed)",
    take: takeSwitch,
  },
  {
    name: "exchange",
    flags: "--no-exchange",
    description: "ask nobody but those that were named, also with --seed",
    take: takeSwitch,
  },
  {
    name: "maxMetalinkBytes",
    flags: "--max-metalink-bytes <n>",
    description: "bytes that a .meta4 may have (4194304)",
    take: (given, called) => takeNumber(given, called, someBytes),
    typed: numberIn,
  },
  { name: "quiet", flags: "-q, --quiet", description: "say nothing but errors", take: takeSwitch },
  { name: "json", flags: "--json", description: "one event a line on stdout, as JSON", take: takeSwitch },
  {
    name: "failFast",
    flags: "--fail-fast",
    description: "end at the first chunk that cannot be had",
    take: takeSwitch,
  },
  {
    name: "strictPermanent",
    flags: "--strict-permanent",
    description: "end at the first permanent error of any peer",
    take: takeSwitch,
  },
  {
    name: "parallelRetries",
    flags: "--no-parallel-retries",
    description: "never ask two peers for one chunk at once, and go by the time limits alone",
    take: takeSwitch,
  },
  {
    name: "strategy",
    flags: "--strategy <name>",
    description: `who is asked first: ${strategyNames.join(", ")} (balanced)`,
    take: takeOneOf(strategyNames),
  },
  {
    name: "policy",
    flags: "--policy <name>",
    description: "standard, or adaptive: retries and blacklists follow what is seen (standard)",
    take: takeOneOf(policyNames),
  },
  ...retryRows,
];

/** How it is shown, which the download does not know of. */
const shownBy: readonly string[] = ["quiet", "json"];

/** Options of `get`, as `downloadFile` takes them. */
export function downloadOptionsOf(options: GetOptions): Omit<DownloadFileOptions, "out" | "select"> {
  const given = Object.entries(options).filter(([name]) => !shownBy.includes(name));
  const isRetry = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(retryMeanings, name);
  const others = given.filter((option) => !isRetry(option));
  return { ...Object.fromEntries(others), retry: Object.fromEntries(given.filter(isRetry)) };
}

/** The flag that gives an option on the command line. */
export function flagOf({ flags }: OptionRow): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}

function takeRetryOption(name: string): OptionRow["take"] {
  return (given, called) => {
    usage(() => resolveRetryConfig({ [name]: given }), { [name]: called });
    return given;
  };
}

function takeFolder(given: unknown, called: string): string {
  if (typeof given === "string" && given !== "") return given;
  throw new UsageError(`${called} is ${JSON.stringify(given)}; it must be the path of a folder`);
}

function takeSwitch(given: unknown, called: string): boolean {
  if (typeof given === "boolean") return given;
  throw new UsageError(`${called} is ${JSON.stringify(given)}; it must be true or false`);
}

function takeOneOf(names: readonly string[]): OptionRow["take"] {
  return (given, called) => {
    if (typeof given === "string" && names.includes(given)) return given;
    throw new UsageError(`${called} is ${JSON.stringify(given)}; it must be ${names.join(", ")}`);
  };
}

function takeRate(given: unknown, called: string): number {
  return parseRate(typeof given === "string" || typeof given === "number" ? given : JSON.stringify(given), called);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
