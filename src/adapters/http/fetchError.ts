import { connectionFailure } from "../../errors/connectionFailure.js";
import { DownloadError } from "../../errors/DownloadError.js";

/**
 * What `fetch` rejects with, as one of ours. Browsers tell no reason: a mirror that cannot be reached, one that does not allow the page's
 * requests, and a connection that broke look the same. Node tells it as the cause.
 */
export function fetchError(peer: string, thrown: unknown): DownloadError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, text } = connectionFailure(error.cause instanceof Error ? error.cause : error);
  return new DownloadError(code ?? "CONNECTION_LOST", `${peer}: ${text}`, { peer, cause: thrown });
}
