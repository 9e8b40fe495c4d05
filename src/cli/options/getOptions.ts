import { retryMeanings, retryRanges } from "../../command.js";
import { policyNames, resolveRetryConfig, strategyNames } from "../../index.js";
import type { PolicyName, RetryConfig, StrategyName } from "../../index.js";
import type { DownloadFileOptions } from "../../node.js";
import { UsageError } from "../UsageError.js";
import { parseRate } from "./parseRate.js";

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
  /** The value behind what a config file gives; throws `UsageError`. */
  readonly take: (given: unknown) => unknown;
  /** Value of a flag, as a config file would give it. @default the text */
  readonly typed?: (text: unknown) => unknown;
  /** True when it decides which files are written: then a config file has to be named by the user to be believed. */
  readonly writes?: true;
}

const retryRows = Object.entries(retryMeanings).map(([name, { meaning, unit, usual }]): OptionRow => {
  const value = name in retryRanges ? "n" : "how";
  const flags = `--${kebab(name)} <${value}>`;
  const description = `${meaning}${unit === undefined ? "" : `, ${unit}`} (${usual})`;
  return { name, description, flags, take: (given) => takeRetryOption(name, given), typed: numberIn };
});

/** Every option of `get` that a config file may hold. */
export const optionRows: readonly OptionRow[] = [
  {
    name: "dir",
    flags: "-d, --dir <folder>",
    description: "where to put the file (.)",
    take: takeText("dir"),
    writes: true,
  },
  {
    name: "overwrite",
    flags: "--overwrite",
    description: "replace another file of that name",
    take: takeSwitch("overwrite"),
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
    take: takeSwitch("catalogue"),
  },
  {
    name: "discovery",
    flags: "--no-discovery",
    description: "use no mirrors and digests of which answers tell, only what was given",
    take: takeSwitch("discovery"),
  },
  {
    name: "exchange",
    flags: "--exchange",
    description: "ask peers for others that have the file, and these, too (only with --seed)",
    take: takeSwitch("exchange"),
  },
  {
    name: "exchange",
    flags: "--no-exchange",
    description: "ask nobody but those that were named, also with --seed",
    take: takeSwitch("exchange"),
  },
  {
    name: "maxMetalinkBytes",
    flags: "--max-metalink-bytes <n>",
    description: "bytes that a .meta4 may have (4194304)",
    take: takeBytes("maxMetalinkBytes"),
    typed: numberIn,
  },
  { name: "quiet", flags: "-q, --quiet", description: "say nothing but errors", take: takeSwitch("quiet") },
  { name: "json", flags: "--json", description: "one event a line on stdout, as JSON", take: takeSwitch("json") },
  {
    name: "failFast",
    flags: "--fail-fast",
    description: "end at the first chunk that cannot be had",
    take: takeSwitch("failFast"),
  },
  {
    name: "strictPermanent",
    flags: "--strict-permanent",
    description: "end at the first permanent error of any peer",
    take: takeSwitch("strictPermanent"),
  },
  {
    name: "parallelRetries",
    flags: "--no-parallel-retries",
    description: "never ask two peers for one chunk at once, and go by the time limits alone",
    take: takeSwitch("parallelRetries"),
  },
  {
    name: "strategy",
    flags: "--strategy <name>",
    description: `who is asked first: ${strategyNames.join(", ")} (balanced)`,
    take: takeOneOf("strategy", strategyNames),
  },
  {
    name: "policy",
    flags: "--policy <name>",
    description: "standard, or adaptive: retries and blacklists follow what is seen (standard)",
    take: takeOneOf("policy", policyNames),
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

function takeRetryOption(name: string, given: unknown): unknown {
  try {
    resolveRetryConfig({ [name]: given });
    return given;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function numberIn(text: unknown): unknown {
  return typeof text === "string" && text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function takeText(name: string): (given: unknown) => unknown {
  return (given) => {
    if (typeof given === "string" && given !== "") return given;
    throw new UsageError(`${name} is ${JSON.stringify(given)}; it must be a text`);
  };
}

function takeSwitch(name: string): (given: unknown) => unknown {
  return (given) => {
    if (typeof given === "boolean") return given;
    throw new UsageError(`${name} is ${JSON.stringify(given)}; it must be true or false`);
  };
}

/** @throws UsageError at the call of what it answers */
export function takeBytes(name: string): (given: unknown) => number {
  return (given) => {
    if (typeof given === "number" && Number.isSafeInteger(given) && given >= 1) return given;
    throw new UsageError(`${name} is ${JSON.stringify(given)}; it must be a whole number of bytes, at least 1`);
  };
}

function takeOneOf(name: string, names: readonly string[]): (given: unknown) => unknown {
  return (given) => {
    if (typeof given === "string" && names.includes(given)) return given;
    throw new UsageError(`${name} is ${JSON.stringify(given)}; it must be ${names.join(", ")}`);
  };
}

function takeRate(given: unknown): unknown {
  try {
    return parseRate(typeof given === "string" || typeof given === "number" ? given : JSON.stringify(given));
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message.replace("a rate", "limitRate")) : error;
  }
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
