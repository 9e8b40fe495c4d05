import { errors } from "undici";
import { codeOfStatus } from "../../errors/codeOfStatus.js";
import { connectionFailure } from "../../errors/connectionFailure.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";

const meanings: Readonly<Record<string, DownloadErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: "TIMEOUT",
  UND_ERR_HEADERS_OVERFLOW: "PROTOCOL_ERROR",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "CONNECTION_LOST",
  UND_ERR_SOCKET: "CONNECTION_LOST",
  UND_ERR_PRX_TLS: "PEER_REJECTED",
};

/** How undici tells that a proxy refused. */
const byProxy = /Proxy response \((\d{3})\)|Proxy Authentication Required \((407)\)/;

/** What the parser refused, other than an end that comes within a body. It gives no code. */
const isNotHttp = (cause: Error): boolean => cause instanceof errors.HTTPParserError && !/EOF/.test(cause.message);

/** An error of undici, of the socket or of TLS as one of ours. */
export function undiciError(peer: string, cause: Error): DownloadError {
  const { code, errno, text } = connectionFailure(cause);
  const [, tunnel, plain] = byProxy.exec(cause.message) ?? [];
  const proxyStatus = tunnel ?? plain;
  if (proxyStatus !== undefined) {
    const what = `${peer}: the proxy answered with HTTP ${proxyStatus}`;
    return new DownloadError(codeOfStatus(Number(proxyStatus)), what, { peer, cause });
  }
  const known = code ?? meanings[errno] ?? (isNotHttp(cause) ? "PROTOCOL_ERROR" : "CONNECTION_LOST");
  return new DownloadError(known, `${peer}: ${text}`, { peer, cause });
}
