import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";
import { resolveRetryConfig } from "../../../src/download/RetryConfig.js";
import type { DownloadErrorCode } from "../../../src/errors/verdicts.js";
import type { SwarmConfig, SwarmRun } from "../../../src/testing/simulateSwarm.js";
import type { Law } from "./Law.js";

/** A download may fail for reasons that the swarm gave it, and for no other. */
export const statedFailure: Law = {
  name: "it fails only for what has happened",
  broken: (run, config) => {
    if (run.outcome !== "failed" || run.error === undefined) return undefined;
    const { code, message } = run.error;
    const because = reasons[code] ?? ((_, script) => script.includes(code));
    return because(run, failuresIn(config), config) ? undefined : `nothing gave it reason for ${code} (${message})`;
  },
};

type Reason = (run: SwarmRun, script: readonly string[], config: SwarmConfig) => boolean;

const tells = ({ events }: SwarmRun, type: DownloadEvent["type"]): boolean =>
  events.some((event) => event.type === type);

const reasons: Partial<Record<DownloadErrorCode, Reason>> = {
  UNKNOWN: () => false,
  RETRIES_EXHAUSTED: (run) => tells(run, "attempt-failed"),
  RETRY_BUDGET_EXHAUSTED: (run) => tells(run, "attempt-failed"),
  CHUNK_DEADLINE: (run, _, { config }) =>
    // It gives up at once when its next wait cannot end in time.
    tells(run, "attempt-failed") || run.makespanMs >= 1000 * resolveRetryConfig(config?.retry).chunkDeadlineSecs,
  NO_PEERS: (run) =>
    !tells(run, "peer-joined") ||
    tells(run, "peer-left") ||
    tells(run, "peer-excluded") ||
    tells(run, "peer-quarantined"),
  FILE_NOT_FOUND_ANYWHERE: (_, script) => script.includes("FILE_NOT_FOUND"),
};

/** The codes that the peers of this swarm can answer with. */
function failuresIn({ peers }: SwarmConfig): readonly string[] {
  return peers.flatMap(({ refusals = [], corrupts = 0, has, away = [], lossesAtMs = [], breaks = 0 }) => [
    // Who says that it has no such file, while another's request is still under way, lacks the chunk.
    ...refusals.flatMap(({ code }) => (code === "FILE_NOT_FOUND" ? [code, "CHUNK_NOT_AVAILABLE"] : [code])),
    ...(corrupts > 0 ? ["CHECKSUM_MISMATCH"] : []),
    ...(has === undefined ? [] : ["CHUNK_NOT_AVAILABLE"]),
    ...(away.length > 0 ? ["CONNECTION_LOST", "CONNECTION_REFUSED"] : []),
    ...(lossesAtMs.length > 0 ? ["CONNECTION_LOST"] : []),
    ...(breaks > 0 ? ["CONNECTION_RESET"] : []),
    "TIMEOUT",
  ]);
}
