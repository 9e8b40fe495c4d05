/** The step after a failed attempt: ask again after a wait, go on at once with another peer, or end the download. */
export type Verdict = "retry" | "switch" | "fail";

/**
 * The meaning of a failure for the peer that served it.
 *
 * - `failure`: one more of the consecutive failures that blacklist it
 * - `busy`: it asked for time; no worse reputation
 * - `missing`: it lacks this chunk
 * - `excluded`: not asked again in this download
 * - `quarantined`: not asked again in this download, because it cannot be trusted
 * - `nobody`: not the peer's doing
 */
export type Blame = "failure" | "busy" | "missing" | "excluded" | "quarantined" | "nobody";

interface Rule {
  readonly verdict: Verdict;
  readonly blame: Blame;
}

/** The one table: what to do after each way in which a chunk or a download can fail, and who is to blame. */
export const verdicts = {
  TIMEOUT: { verdict: "retry", blame: "failure" },
  STALLED: { verdict: "retry", blame: "failure" },
  CONNECTION_LOST: { verdict: "retry", blame: "failure" },
  CONNECTION_REFUSED: { verdict: "retry", blame: "failure" },
  CONNECTION_RESET: { verdict: "retry", blame: "failure" },
  HOST_NOT_FOUND: { verdict: "retry", blame: "failure" },
  NETWORK_DOWN: { verdict: "retry", blame: "nobody" },
  PEER_UNAVAILABLE: { verdict: "retry", blame: "failure" },
  PEER_BUSY: { verdict: "retry", blame: "busy" },
  RATE_LIMITED: { verdict: "retry", blame: "busy" },
  UNKNOWN: { verdict: "retry", blame: "failure" },

  FILE_NOT_FOUND: { verdict: "switch", blame: "excluded" },
  CHUNK_NOT_AVAILABLE: { verdict: "switch", blame: "missing" },
  CHECKSUM_MISMATCH: { verdict: "switch", blame: "quarantined" },
  INVALID_CHUNK: { verdict: "switch", blame: "quarantined" },
  PROTOCOL_ERROR: { verdict: "switch", blame: "quarantined" },
  PEER_REJECTED: { verdict: "switch", blame: "excluded" },
  AUTH_FAILED: { verdict: "switch", blame: "excluded" },
  RESOURCE_CHANGED: { verdict: "switch", blame: "excluded" },

  LOCAL_IO: { verdict: "fail", blame: "nobody" },
  INVALID_INDEX: { verdict: "fail", blame: "nobody" },
  INVALID_MANIFEST: { verdict: "fail", blame: "nobody" },
  INVALID_CHECKPOINT: { verdict: "fail", blame: "nobody" },
  TARGET_EXISTS: { verdict: "fail", blame: "nobody" },
  LOCKED: { verdict: "fail", blame: "nobody" },
  ENDING: { verdict: "fail", blame: "nobody" },
  DIFFERENT_FILES: { verdict: "fail", blame: "nobody" },
  FILE_NOT_FOUND_ANYWHERE: { verdict: "fail", blame: "nobody" },
  RETRIES_EXHAUSTED: { verdict: "fail", blame: "nobody" },
  CHUNK_DEADLINE: { verdict: "fail", blame: "nobody" },
  RETRY_BUDGET_EXHAUSTED: { verdict: "fail", blame: "nobody" },
  NO_PEERS: { verdict: "fail", blame: "nobody" },
  NOBODY_NAMED: { verdict: "fail", blame: "nobody" },
} as const satisfies Record<string, Rule>;

/** Every way in which a chunk or a download can fail. */
export type DownloadErrorCode = keyof typeof verdicts;

export function isDownloadErrorCode(code: unknown): code is DownloadErrorCode {
  return typeof code === "string" && Object.hasOwn(verdicts, code);
}
