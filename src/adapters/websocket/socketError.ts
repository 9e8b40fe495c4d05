import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";

const meanings: Readonly<Record<string, DownloadErrorCode>> = {
  ECONNREFUSED: "CONNECTION_REFUSED",
  EHOSTDOWN: "CONNECTION_REFUSED",
  ENOTFOUND: "HOST_NOT_FOUND",
  EAI_AGAIN: "HOST_NOT_FOUND",
  EHOSTUNREACH: "NETWORK_DOWN",
  ENETUNREACH: "NETWORK_DOWN",
  ENETDOWN: "NETWORK_DOWN",
  EADDRNOTAVAIL: "CONNECTION_REFUSED",
  ECONNRESET: "CONNECTION_RESET",
  EPIPE: "CONNECTION_RESET",
  ECONNABORTED: "CONNECTION_RESET",
  ETIMEDOUT: "TIMEOUT",
};

/** Codes of OpenSSL and of Node's certificate checks. */
const tls = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/;
/** What `ws` says of a handshake or a frame that is not WebSocket, or not ours. */
const notWebSocket = /^(WS_ERR_|HPE_)|subprotocol|Sec-WebSocket|Upgrade header/i;

/** An error of the socket, of TLS or of `ws` as one of ours. */
export function socketError(peer: string, cause: Error): DownloadError {
  const errno = errnoOf(cause);
  // Errors of several addresses tried at once have no message of their own.
  const text = cause.message || errno || cause.name;
  const known = meanings[errno];
  if (known !== undefined) return new DownloadError(known, `${peer}: ${text}`, { peer, cause });
  if (tls.test(errno)) {
    return new DownloadError("PEER_REJECTED", `${peer}: no trusted TLS connection: ${text}`, { peer, cause });
  }
  if (notWebSocket.test(errno) || notWebSocket.test(cause.message)) {
    return new DownloadError("PROTOCOL_ERROR", `${peer} does not speak tributary.v1: ${text}`, { peer, cause });
  }
  return new DownloadError("CONNECTION_LOST", `${peer}: ${text}`, { peer, cause });
}

/** Of several addresses tried at once, one that answered says more than one to which there is no way. */
function errnoOf(cause: Error): string {
  const all: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [];
  const errnos = all.map(codeOf);
  return errnos.find((errno) => errno !== "" && meanings[errno] !== "NETWORK_DOWN") ?? codeOf(cause);
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}
