import type { ServeWhileOptions } from "../../node.js";
import { UsageError } from "../UsageError.js";
import { parseRate } from "./parseRate.js";

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
    port: portOf(seedPort),
    token: seedToken,
    limitRate: seedLimitRate === undefined ? undefined : parseRate(seedLimitRate, "--seed-limit-rate"),
    ratio: numberOf("--seed-ratio", seedRatio),
    minutes: numberOf("--seed-minutes", seedMinutes),
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--seed-port is ${JSON.stringify(text)}; it must be a whole number from 0 to 65535`);
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`${flag} is ${JSON.stringify(text)}; it must be a number, at least 0`);
}
