import { DownloadError, type DownloadErrorCode } from "../index.js";

const hints: Partial<Record<DownloadErrorCode, string>> = {
  AUTH_FAILED: "give the host's token with --token HOST=SECRET",
  TARGET_EXISTS: "--overwrite replaces it, -o chooses another name",
  DIFFERENT_FILES: "run tributary get once for each of them",
  INVALID_CHECKPOINT: "choose another name with -o, or remove its .part and .part.json to begin anew",
};

/** The error with what the user could do about it on the command line. */
export function withHint(error: DownloadError): DownloadError {
  const hint = hints[error.code];
  return hint === undefined ? error : new DownloadError(error.code, `${error.message}; ${hint}`, { cause: error });
}
