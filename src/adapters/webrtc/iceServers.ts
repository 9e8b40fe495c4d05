import type { OptionShape } from "../../../operators/checkOptions.js";

/** `stun:HOST:PORT`, or `turn:USER:PASSWORD@HOST:PORT`, with `?transport=tcp` or without (RFC 7064, 7065, and the user in front). */
const form = /^(stuns?|turns?):(?:([^:@\s]+):([^@\s]+)@)?([^@\s/?#]+)(\?transport=(?:udp|tcp))?$/i;

/** A server of STUN or TURN as a page's `RTCPeerConnection` takes it; the form that users write is that of `node-datachannel`. */
export function iceServerOf(text: string): {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
} {
  const [, scheme = "", user, password, host = "", query = ""] = form.exec(text) ?? [];
  const urls = `${scheme.toLowerCase()}:${host}${query}`;
  if (user === undefined || password === undefined) return { urls };
  return { urls, username: decodeURIComponent(user), credential: decodeURIComponent(password) };
}

/** Servers by which ends learn at which addresses they can be reached. */
export const iceServersShape: OptionShape = {
  must: "a list of stun:HOST:PORT and turn:USER:PASSWORD@HOST:PORT",
  fits: (value) => Array.isArray(value) && value.every((each) => typeof each === "string" && isIceServer(each)),
  isSecret: true,
};

/** True for a server as users write one. */
export function isIceServer(text: string): boolean {
  const [, scheme = "", user, password = ""] = form.exec(text) ?? [];
  if (scheme === "" || (/^turn/i.test(scheme) && user === undefined)) return false;
  try {
    decodeURIComponent(`${user ?? ""}${password}`);
    return true;
  } catch {
    return false;
  }
}
