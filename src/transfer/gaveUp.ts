import type { GiveUpReason, RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";

const codes: Partial<Record<GiveUpReason, DownloadErrorCode>> = {
  exhausted: "RETRIES_EXHAUSTED",
  deadline: "CHUNK_DEADLINE",
  budget: "RETRY_BUDGET_EXHAUSTED",
};

/** Why a chunk was given up, as far as its attempts do not say. */
export interface GivingUp {
  readonly chunk: number;
  /** The error of the last attempt. */
  readonly last: DownloadError | undefined;
  /** The error that all peers were lost for, if they were. */
  readonly lost: DownloadError | undefined;
}

/**
 * The end of a chunk's attempts as a `DownloadError`, with the last attempt's error as its `cause`. When nobody was left to ask, the code
 * says why: the one that all peers were lost for, else what this chunk lacks.
 */
export function gaveUp({ reason, attempts }: RetryGaveUpError, { chunk, last, lost }: GivingUp): DownloadError {
  const begun = `chunk ${chunk} gave up after ${attempts} ${attempts === 1 ? "try" : "tries"}`;
  const details = { chunk, cause: last, attempt: attempts };
  if (reason === "no-peers" && lost !== undefined)
    return new DownloadError(lost.code, `${begun}: ${lost.message}`, details);
  const code = codes[reason] ?? (reason === "permanent" ? last?.code : undefined) ?? lacking(last);
  const why = last === undefined ? "no peer has it" : `${last.message} (${last.code})`;
  return new DownloadError(code, `${begun}: ${why}`, details);
}

/** The code of a chunk that those who are left lack: the file as such was found. */
function lacking(last: DownloadError | undefined): DownloadErrorCode {
  return last === undefined || last.code === "FILE_NOT_FOUND" ? "CHUNK_NOT_AVAILABLE" : last.code;
}
