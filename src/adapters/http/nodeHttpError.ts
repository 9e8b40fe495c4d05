import { connectionWords } from "../../errors/connectionWords.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { ProxyRefusal } from "./ProxyRefusal.js";

/** Node gives the code of a reset to connections that the other side closed in good order, too, but no number. */
const isHangUp = (errno: string, cause: Error): boolean => errno === "ECONNRESET" && !("errno" in cause);

/** How the parser names what it refuses, other than an end that comes within an answer. */
const isNotHttp = (errno: string): boolean => errno.startsWith("HPE_") && errno !== "HPE_INVALID_EOF_STATE";

/**
 * True when a server turned the only protocol down that it was offered, by TLS (RFC 7301), or begins as HTTP/2 does, whatever is asked: with a frame
 * of settings.
 */
function isOfHttp2(cause: Error): boolean {
  const { rawPacket } = cause as { readonly rawPacket?: unknown };
  const isSettings = rawPacket instanceof Uint8Array && rawPacket[0] === 0 && rawPacket[3] === 4;
  return isSettings || /no application protocol/i.test(cause.message);
}

/** An error of `node:http`, of the socket, of TLS or of a proxy as one of ours. */
export function nodeHttpError(peer: string, cause: Error): DownloadError {
  if (cause instanceof ProxyRefusal) {
    return new DownloadError(cause.refusal, `${peer}: ${cause.message}`, { peer, cause });
  }
  if (isOfHttp2(cause)) {
    const text = `${peer} speaks HTTP/2 and nothing else, expected HTTP/1.1`;
    return new DownloadError("PEER_REJECTED", text, { peer, cause });
  }
  const { code, errno, text } = connectionWords(cause);
  const isLost = code === undefined || isHangUp(errno, cause);
  const known = isNotHttp(errno) ? "PROTOCOL_ERROR" : isLost ? "CONNECTION_LOST" : code;
  return new DownloadError(known, `${peer}: ${text}`, { peer, cause });
}
