import type { ServeWhileOptions } from "../../node.js";
import type { TypedNames } from "../UsageError.js";
import { excludes, needs } from "./needs.js";
import type { OptionRow } from "./OptionRow.js";
import { parseRate } from "./parseRate.js";
import { aNumber, aPort, atLeast } from "./takeNumber.js";
import { anAddress } from "./takeText.js";
import { aSecret } from "./tokens.js";

/** Flags of `get` by which it serves what it gets. */
export interface SeedWhileFlags {
  seed?: boolean;
  seedHost?: string;
  seedPort?: number;
  seedToken?: string;
  seedLimitRate?: number;
  seedRatio?: number;
  seedMinutes?: number;
}

const withSeed = needs("seed", "--seed", "says how to serve");

const how: readonly OptionRow[] = [
  { flags: "--seed-host <address>", description: "address to serve on (127.0.0.1)", read: anAddress },
  { flags: "--seed-port <n>", description: "port to serve on (any free one)", read: aNumber(aPort) },
  {
    flags: "--seed-token <secret>",
    description: "secret that those who ask must bring",
    read: aSecret,
    needs: [excludes("rtc", "is of no use with --rtc: whoever comes by WebRTC brings none; leave one of them out")],
  },
  {
    flags: "--seed-limit-rate <rate>",
    description: "bytes a second to all of them together, such as 500k or 2M (unlimited)",
    read: parseRate,
  },
  {
    flags: "--seed-ratio <n>",
    description: "end when so many times the size of the files was served, but not before them",
    read: aNumber(atLeast(0)),
  },
  {
    flags: "--seed-minutes <n>",
    description: "end so many minutes after the files",
    read: aNumber(atLeast(0)),
  },
];

export const seedWhileRows: readonly OptionRow[] = [
  {
    flags: "--seed",
    description:
      "serve to others what is here, chunk by chunk as each is verified, and go on after the end until Ctrl-C or a limit",
  },
  ...how.map((row) => ({ ...row, needs: [withSeed, ...(row.needs ?? [])] })),
];

/** The flags of the options of `serveWhile`. */
export const seedFlagOf: TypedNames = {
  host: "--seed-host",
  port: "--seed-port",
  token: "--seed-token",
  limitRate: "--seed-limit-rate",
  ratio: "--seed-ratio",
  minutes: "--seed-minutes",
};

/** How a download is served to others; `undefined` without `--seed`. */
export function seedWhileOptions({ seed = false, ...flags }: SeedWhileFlags): ServeWhileOptions | undefined {
  const { seedHost: host, seedPort: port, seedToken: token } = flags;
  const { seedLimitRate: limitRate, seedRatio: ratio, seedMinutes: minutes } = flags;
  return seed ? { host, port, token, limitRate, ratio, minutes } : undefined;
}
