import type { ServeWhileOptions } from "../../node.js";
import { type TypedNames, UsageError } from "../UsageError.js";
import { parseRate } from "./parseRate.js";
import { aPort, atLeast, typedNumber } from "./takeNumber.js";

/** Flags of `get` by which it serves what it gets. */
export interface SeedWhileFlags {
  seed?: boolean;
  seedHost?: string;
  seedPort?: string;
  seedToken?: string;
  seedLimitRate?: string;
  seedRatio?: string;
  seedMinutes?: string;
}

/** The flags of the options of `serveWhile`. */
export const seedFlagOf: TypedNames = {
  host: "--seed-host",
  port: "--seed-port",
  token: "--seed-token",
  limitRate: "--seed-limit-rate",
  ratio: "--seed-ratio",
  minutes: "--seed-minutes",
};

/**
 * How a download is served to others; `undefined` without `--seed`.
 *
 * @throws UsageError for a value that cannot be, and for a flag that says how while `--seed` is not there.
 */
export function seedWhileOptions({ seed = false, ...flags }: SeedWhileFlags): ServeWhileOptions | undefined {
  const { seedHost, seedPort, seedToken, seedLimitRate, seedRatio, seedMinutes } = flags;
  const how = {
    "--seed-host": seedHost,
    "--seed-port": seedPort,
    "--seed-token": seedToken,
    "--seed-limit-rate": seedLimitRate,
    "--seed-ratio": seedRatio,
    "--seed-minutes": seedMinutes,
  };
  const [idle] = Object.entries(how).filter(([, value]) => value !== undefined);
  if (!seed && idle !== undefined) throw new UsageError(`${idle[0]} says how to serve; give --seed, too`);
  if (!seed) return undefined;
  return {
    host: seedHost,
    port: typedNumber(seedPort, "--seed-port", aPort),
    token: seedToken,
    limitRate: seedLimitRate === undefined ? undefined : parseRate(seedLimitRate, "--seed-limit-rate"),
    ratio: typedNumber(seedRatio, "--seed-ratio", atLeast(0)),
    minutes: typedNumber(seedMinutes, "--seed-minutes", atLeast(0)),
  };
}
