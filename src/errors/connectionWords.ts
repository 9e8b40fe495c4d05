import { connectionFailure, type ConnectionFailure } from "./connectionFailure.js";

/** Words for people in place of the system's own. A page is told no code of the system, and need not load them. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  EHOSTDOWN: "the host is down",
  ENOTFOUND: "no host has this name",
  EAI_AGAIN: "names cannot be looked up now",
  EHOSTUNREACH: "no way leads to the host",
  ENETUNREACH: "no network leads to the host",
  ENETDOWN: "the network is down",
  EADDRNOTAVAIL: "no address leads there",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  ECONNABORTED: "the connection was broken off",
  ETIMEDOUT: "nobody answered",
};

/** As `connectionFailure`, told in words: "connect ECONNREFUSED 127.0.0.1:9" is "the connection was refused (ECONNREFUSED 127.0.0.1:9)". */
export function connectionWords(cause: Error): ConnectionFailure {
  const failure = connectionFailure(cause);
  const { errno, text } = failure;
  const place = text.indexOf(errno);
  const known = words[errno];
  // Node's own, such as "socket hang up", do not name the code that they carry.
  return known === undefined || place < 0 ? failure : { ...failure, text: `${known} (${text.slice(place)})` };
}
