import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";

const meanings: Readonly<Record<string, DownloadErrorCode>> = {
  ECONNREFUSED: "CONNECTION_REFUSED",
  // Nobody can be reached under that name or address now; a network that comes back changes it.
  ENOTFOUND: "CONNECTION_REFUSED",
  EAI_AGAIN: "CONNECTION_REFUSED",
  EHOSTUNREACH: "CONNECTION_REFUSED",
  EHOSTDOWN: "CONNECTION_REFUSED",
  ENETUNREACH: "CONNECTION_REFUSED",
  ENETDOWN: "CONNECTION_REFUSED",
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
  const errno = "code" in cause && typeof cause.code === "string" ? cause.code : "";
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
