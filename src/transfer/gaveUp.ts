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

/** The end of a chunk's attempts as a `DownloadError`; `cause` is the last real error. */
export function gaveUp(thrown: unknown, chunk: number): DownloadError {
  if (!(thrown instanceof RetryGaveUpError)) return toDownloadError(thrown, { chunk });
  const { reason, attempts, cause } = thrown;
  const last = cause === undefined ? undefined : toDownloadError(cause, { chunk });
  const code = codes[reason] ?? lostFor(last);
  const why = last === undefined ? "nobody could be asked" : `${last.message} (${last.code})`;
  const text = `chunk ${chunk} gave up after ${attempts} attempts: ${why}`;
  return new DownloadError(code, text, { chunk, cause: last, attempt: attempts });
}

/** Nobody is left for the chunk: what the last one said is what all said. */
function lostFor(last: DownloadError | undefined): DownloadErrorCode {
  if (last === undefined) return "NO_PEERS";
  return last.code === "FILE_NOT_FOUND" ? "FILE_NOT_FOUND_ANYWHERE" : last.code;
}
