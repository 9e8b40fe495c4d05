import { retryMeanings, retryRanges } from "../../command.js";
import { policyNames, resolveRetryConfig, strategyNames } from "../../index.js";
import type { PolicyName, RetryConfig, StrategyName } from "../../index.js";
import type { DownloadFileOptions } from "../../node.js";
import { usage, wrongValue } from "../UsageError.js";
import { parseRate } from "./parseRate.js";
import type { OptionRow } from "./OptionRow.js";
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

/** An option that a config file may hold, too. */
export interface ConfigRow extends OptionRow {
  /** Name in a config file. */
  readonly name: string;
  /** The value behind what a config file gives; throws `UsageError`, in which the option is called as the user wrote it. */
  readonly take: (given: unknown, called: string) => unknown;
  /** True when it decides which files are written: then a config file has to be named by the user to be believed. */
  readonly writes?: true;
}

const aSwitch = { take: takeSwitch };
/** A value that flags and files write alike. */
const aText = (take: ConfigRow["take"]): Pick<ConfigRow, "take" | "read"> => ({ take, read: take });
/** A value that a flag gives as text and a file as a number. */
const aFigure = (take: ConfigRow["take"]): Pick<ConfigRow, "take" | "read"> => ({
  take,
  read: (text, called) => take(numberIn(text), called),
});

const targetRows: readonly ConfigRow[] = [
  {
    ...{ name: "dir", flags: "-d, --dir <folder>", description: "where to put the file (.)" },
    ...aText(takeFolder),
    writes: true,
  },
  {
    ...{ name: "overwrite", flags: "--overwrite", description: "replace another file of that name" },
    ...aSwitch,
    writes: true,
  },
];

const sourceRows: readonly ConfigRow[] = [
  {
    name: "discovery",
    flags: "--no-discovery",
    description: "use no mirrors and digests of which answers tell, only what was given",
    ...aSwitch,
    idle: ({ mirrors }) => (mirrors ? undefined : "the answers of mirrors alone tell of others, and none is asked"),
  },
  {
    name: "maxMetalinkBytes",
    flags: "--max-metalink-bytes <n>",
    description: "bytes that a .meta4 may have (4194304)",
    ...aFigure((given, called) => takeNumber(given, called, someBytes)),
    idle: ({ metalink }) => (metalink ? undefined : "there is no Metalink"),
  },
];

const exchangeRows: readonly ConfigRow[] = [
  {
    name: "exchange",
    flags: "--exchange",
    description: "ask peers for others that have the file, and these, too (only with --seed)",
    ...aSwitch,
    idle: ({ seeders }) => (seeders ? undefined : "seeders tell of others, and there is none"),
  },
  {
    name: "exchange",
    flags: "--no-exchange",
    description: "ask nobody but those that were named, also with --seed",
    ...aSwitch,
  },
];

const speedRows: readonly ConfigRow[] = [
  {
    name: "limitRate",
    flags: "--limit-rate <rate>",
    description: "bytes a second at most, such as 500k or 2M",
    ...aText(takeRate),
  },
  {
    name: "strategy",
    flags: "--strategy <name>",
    description: `who is asked first: ${strategyNames.join(", ")} (balanced)`,
    ...aText(takeOneOf(strategyNames)),
    idle: ({ peers }) => (peers ? undefined : "there is one peer"),
  },
  {
    name: "parallelRetries",
    flags: "--no-parallel-retries",
    description: "never ask two peers for one chunk at once, and go by the time limits alone",
    ...aSwitch,
  },
  {
    name: "catalogue",
    flags: "--no-catalogue",
    description: "neither use nor keep what downloads learn of peers",
    ...aSwitch,
  },
];

const retryRows: readonly ConfigRow[] = [
  {
    name: "policy",
    flags: "--policy <name>",
    description: "standard, or adaptive: retries and blacklists follow what is seen (standard)",
    ...aText(takeOneOf(policyNames)),
  },
  { name: "failFast", flags: "--fail-fast", description: "end at the first chunk that cannot be had", ...aSwitch },
  {
    name: "strictPermanent",
    flags: "--strict-permanent",
    description: "end at the first permanent error of any peer",
    ...aSwitch,
  },
  ...Object.entries(retryMeanings).map(([name, { meaning, unit, usual }]): ConfigRow => {
    const value = name in retryRanges ? "n" : "how";
    const description = `${meaning}${unit === undefined ? "" : `, ${unit}`} (${usual})`;
    return { name, description, flags: `--${kebab(name)} <${value}>`, ...aFigure(takeRetryOption(name)) };
  }),
];

const outputRows: readonly ConfigRow[] = [
  {
    name: "quiet",
    flags: "-q, --quiet",
    description: "say nothing but errors; with --json events, too",
    ...aSwitch,
  },
  { name: "json", flags: "--json", description: "one event a line on stdout, as JSON", ...aSwitch },
];

/** Every option of `get` that a config file may hold, by the groups in which the help has them. */
export const configRows = { targetRows, sourceRows, exchangeRows, speedRows, retryRows, outputRows } as const;
export const optionRows: readonly ConfigRow[] = Object.values(configRows).flat();

/** How it is shown, which the download does not know of. */
const shownBy: readonly string[] = ["quiet", "json"];

/** Options of `get`, as `downloadFile` takes them. */
export function downloadOptionsOf(options: GetOptions): Omit<DownloadFileOptions, "out" | "select"> {
  const given = Object.entries(options).filter(([name]) => !shownBy.includes(name));
  const isRetry = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(retryMeanings, name);
  const others = given.filter((option) => !isRetry(option));
  return { ...Object.fromEntries(others), retry: Object.fromEntries(given.filter(isRetry)) };
}

function takeRetryOption(name: string): ConfigRow["take"] {
  return (given, called) => {
    usage(() => resolveRetryConfig({ [name]: given }), { [name]: called });
    return given;
  };
}

function takeFolder(given: unknown, called: string): string {
  if (typeof given === "string" && given !== "") return given;
  throw wrongValue(called, given, "the path of a folder");
}

function takeSwitch(given: unknown, called: string): boolean {
  if (typeof given === "boolean") return given;
  throw wrongValue(called, given, "true or false");
}

function takeOneOf(names: readonly string[]): ConfigRow["take"] {
  return (given, called) => {
    if (typeof given === "string" && names.includes(given)) return given;
    throw wrongValue(called, given, `one of ${names.join(", ")}`);
  };
}

function takeRate(given: unknown, called: string): number {
  return parseRate(typeof given === "string" || typeof given === "number" ? given : JSON.stringify(given), called);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
