import type { DownloadErrorCode } from "./verdicts.js";

const meanings: Readonly<Record<string, DownloadErrorCode>> = {
  ECONNREFUSED: "CONNECTION_REFUSED",
  EHOSTDOWN: "CONNECTION_REFUSED",
  ENOTFOUND: "HOST_NOT_FOUND",
  // Ours: see `Reach`.
  EPRIVATE: "PEER_REJECTED",
  EAI_AGAIN: "HOST_NOT_FOUND",
  EHOSTUNREACH: "NETWORK_DOWN",
  ENETUNREACH: "NETWORK_DOWN",
  ENETDOWN: "NETWORK_DOWN",
  EADDRNOTAVAIL: "CONNECTION_REFUSED",
  ECONNRESET: "CONNECTION_RESET",
  EPIPE: "CONNECTION_RESET",
  ECONNABORTED: "CONNECTION_RESET",
  ETIMEDOUT: "TIMEOUT",
  EMFILE: "LOCAL_IO",
  ENFILE: "LOCAL_IO",
};

/** Codes of OpenSSL and of Node's certificate checks. */
const tls = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/;

/** The words of the system or of TLS for a connection that failed. */
export interface ConnectionFailure {
  /** The code of the `DownloadError` that the failure becomes; `undefined` where the error is none of a socket, of name look-up or of TLS. */
  readonly code: DownloadErrorCode | undefined;
  /** The code that the platform gave, or nothing. */
  readonly errno: string;
  /** For people. */
  readonly text: string;
}

/** Reads the error of a socket, of name look-up or of TLS; of several addresses tried at once, the one that says most. */
export function connectionFailure(cause: Error): ConnectionFailure {
  const errno = errnoOf(cause);
  // Errors of several addresses tried at once have no message of their own.
  const text = cause.message || errno || cause.name;
  if (tls.test(errno)) return { code: "PEER_REJECTED", errno, text: `no trusted TLS connection: ${text}` };
  const code = meanings[errno];
  if (code === "LOCAL_IO")
    return { code, errno, text: `no file descriptor is left for one more connection (${errno})` };
  return { code, errno, text };
}

/** An address that answered says more than one to which there is no way. */
function errnoOf(cause: Error): string {
  const all: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [];
  const errnos = all.map(codeOfSystem);
  return errnos.find((errno) => errno !== "" && meanings[errno] !== "NETWORK_DOWN") ?? codeOfSystem(cause);
}

/** The code that the platform gave an error, or nothing. */
export function codeOfSystem(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}
