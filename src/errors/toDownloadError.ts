import { codeOf } from "./codeOf.js";
import type { DownloadErrorDetails } from "./DownloadError.js";
import { DownloadError } from "./DownloadError.js";

/** Any thrown value as a `DownloadError`: itself, or one with the code that it carries, or `UNKNOWN`. For errors that come from outside. */
export function toDownloadError(thrown: unknown, details: DownloadErrorDetails = {}): DownloadError {
  if (thrown instanceof DownloadError) return thrown;
  const { message } = Object(thrown) as { readonly message?: unknown };
  const text = typeof message === "string" && message !== "" ? message : String(thrown);
  return new DownloadError(codeOf(thrown), text, { cause: thrown, ...details });
}
