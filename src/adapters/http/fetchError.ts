import { connectionFailure } from "../../errors/connectionFailure.js";
import { DownloadError } from "../../errors/DownloadError.js";

/**
 * The error for a rejection of `fetch`, with the code of its cause where Node tells that, else `CONNECTION_LOST`. Browsers tell no reason: a mirror
 * that cannot be reached, one that does not allow the page's requests, and a connection that broke look the same.
 */
export function fetchError(peer: string, thrown: unknown): DownloadError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, text } = connectionFailure(error.cause instanceof Error ? error.cause : error);
  return new DownloadError(code ?? "CONNECTION_LOST", `${peer}: ${text}`, { peer, cause: thrown });
}
