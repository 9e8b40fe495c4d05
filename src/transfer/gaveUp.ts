import type { GiveUpReason } from "../../operators/RetryGaveUpError.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";

const codes: Partial<Record<GiveUpReason, DownloadErrorCode>> = {
  exhausted: "RETRIES_EXHAUSTED",
  deadline: "CHUNK_DEADLINE",
  budget: "RETRY_BUDGET_EXHAUSTED",
};

/**
 * The end of a chunk's attempts as a `DownloadError`; `cause` is the last real error. When nobody was left to ask, the code
 * says why: what all peers were lost for, if they were `lost`, else what this chunk lacks.
 */
export function gaveUp(thrown: unknown, chunk: number, lost?: DownloadError): DownloadError {
  if (!(thrown instanceof RetryGaveUpError)) return toDownloadError(thrown, { chunk });
  const { reason, attempts, cause } = thrown;
  const last = cause === undefined ? undefined : toDownloadError(cause, { chunk });
  const begun = `chunk ${chunk} gave up after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const details = { chunk, cause: last, attempt: attempts };
  if (reason === "no-peers" && lost !== undefined)
    return new DownloadError(lost.code, `${begun}: ${lost.message}`, details);
  const code = codes[reason] ?? (reason === "permanent" ? last?.code : undefined) ?? lacking(last);
  const why = last === undefined ? "no peer has it" : `${last.message} (${last.code})`;
  return new DownloadError(code, `${begun}: ${why}`, details);
}

/** Those who are left lack it: the file as such was found. */
function lacking(last: DownloadError | undefined): DownloadErrorCode {
  return last === undefined || last.code === "FILE_NOT_FOUND" ? "CHUNK_NOT_AVAILABLE" : last.code;
}
