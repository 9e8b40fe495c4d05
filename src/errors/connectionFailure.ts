import type { DownloadErrorCode } from "./verdicts.js";

interface Meaning {
  readonly code: DownloadErrorCode;
  /** For people, in place of the system's own. */
  readonly words?: string;
}

const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: { code: "CONNECTION_REFUSED", words: "the connection was refused" },
  EHOSTDOWN: { code: "CONNECTION_REFUSED", words: "the host is down" },
  ENOTFOUND: { code: "HOST_NOT_FOUND", words: "no host has this name" },
  // Ours: see `Reach`.
  EPRIVATE: { code: "PEER_REJECTED" },
  EAI_AGAIN: { code: "HOST_NOT_FOUND", words: "names cannot be looked up now" },
  EHOSTUNREACH: { code: "NETWORK_DOWN", words: "no way leads to the host" },
  ENETUNREACH: { code: "NETWORK_DOWN", words: "no network leads to the host" },
  ENETDOWN: { code: "NETWORK_DOWN", words: "the network is down" },
  EADDRNOTAVAIL: { code: "CONNECTION_REFUSED", words: "no address leads there" },
  ECONNRESET: { code: "CONNECTION_RESET", words: "the connection was reset" },
  EPIPE: { code: "CONNECTION_RESET", words: "the connection was closed" },
  ECONNABORTED: { code: "CONNECTION_RESET", words: "the connection was broken off" },
  ETIMEDOUT: { code: "TIMEOUT", words: "nobody answered" },
  EMFILE: { code: "LOCAL_IO" },
  ENFILE: { code: "LOCAL_IO" },
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
  const text = textOf(cause, errno);
  if (tls.test(errno)) return { code: "PEER_REJECTED", errno, text: `no trusted TLS connection: ${text}` };
  const code = meanings[errno]?.code;
  if (code === "LOCAL_IO")
    return { code, errno, text: `no file descriptor is left for one more connection (${errno})` };
  return { code, errno, text };
}

/**
 * Words for people, and what the system said behind them: "connect ECONNREFUSED 127.0.0.1:9" is "the connection was refused (ECONNREFUSED 127.0.0.1:9)".
 * Errors of several addresses tried at once have no message of their own.
 */
function textOf({ message, name }: Error, errno: string): string {
  const said = message || errno || name;
  const words = meanings[errno]?.words;
  const place = said.indexOf(errno);
  // Node's own, such as "socket hang up", do not name the code that they carry.
  return words === undefined || place < 0 ? said : `${words} (${said.slice(place)})`;
}

/** An address that answered says more than one to which there is no way. */
function errnoOf(cause: Error): string {
  const all: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [];
  const errnos = all.map(codeOfSystem);
  return errnos.find((errno) => errno !== "" && meanings[errno]?.code !== "NETWORK_DOWN") ?? codeOfSystem(cause);
}

/** The code that the platform gave an error, or nothing. */
export function codeOfSystem(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}
