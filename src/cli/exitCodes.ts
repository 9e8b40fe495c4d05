import { DownloadError, type DownloadErrorCode } from "../index.js";
import { UsageError } from "./UsageError.js";

export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  resumable: 3,
  integrity: 4,
  notFound: 5,
  authentication: 6,
  localDisk: 7,
  interrupted: 130,
} as const;

type Exit = keyof typeof exitCodes;

const exits = {
  TIMEOUT: "resumable",
  STALLED: "resumable",
  CONNECTION_LOST: "resumable",
  CONNECTION_REFUSED: "resumable",
  CONNECTION_RESET: "resumable",
  HOST_NOT_FOUND: "resumable",
  NETWORK_DOWN: "resumable",
  PEER_UNAVAILABLE: "resumable",
  PEER_BUSY: "resumable",
  RATE_LIMITED: "resumable",
  PEER_REJECTED: "resumable",
  PROTOCOL_ERROR: "resumable",
  CHUNK_NOT_AVAILABLE: "resumable",
  RETRIES_EXHAUSTED: "resumable",
  CHUNK_DEADLINE: "resumable",
  RETRY_BUDGET_EXHAUSTED: "resumable",
  NO_PEERS: "resumable",
  ENDING: "resumable",
  CHECKSUM_MISMATCH: "integrity",
  INVALID_CHUNK: "integrity",
  INVALID_MANIFEST: "integrity",
  RESOURCE_CHANGED: "integrity",
  FILE_NOT_FOUND: "notFound",
  FILE_NOT_FOUND_ANYWHERE: "notFound",
  AUTH_FAILED: "authentication",
  DIFFERENT_FILES: "usage",
  NOBODY_NAMED: "usage",
  LOCAL_IO: "localDisk",
  TARGET_EXISTS: "localDisk",
  LOCKED: "localDisk",
  INVALID_CHECKPOINT: "localDisk",
  INVALID_INDEX: "unexpected",
  UNKNOWN: "unexpected",
} as const satisfies Record<DownloadErrorCode, Exit>;

/** The exit code that tells a script what to do about `error`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  return error instanceof DownloadError ? exitCodes[exits[error.code]] : exitCodes.unexpected;
}
