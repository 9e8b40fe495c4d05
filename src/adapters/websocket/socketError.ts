import { connectionWords } from "../../errors/connectionWords.js";
import { DownloadError } from "../../errors/DownloadError.js";

/** Error behind what `ws` says of a handshake or a frame that is not WebSocket, or not ours. */
const notWebSocket = /^(WS_ERR_|HPE_)|subprotocol|Sec-WebSocket|Upgrade header/i;

/** An error of the socket, of TLS or of `ws` as one of ours. */
export function socketError(peer: string, cause: Error): DownloadError {
  const { code, errno, text } = connectionWords(cause);
  if (code !== undefined) return new DownloadError(code, `${peer}: ${text}`, { peer, cause });
  if (notWebSocket.test(errno) || notWebSocket.test(cause.message)) {
    return new DownloadError("PROTOCOL_ERROR", `${peer} does not speak tributary.v1: ${text}`, { peer, cause });
  }
  return new DownloadError("CONNECTION_LOST", `${peer}: ${text}`, { peer, cause });
}
