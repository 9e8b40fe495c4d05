import type { HttpAnswer } from "./HttpAnswer.js";

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  /** True when only `https:` may see the cookie. */
  readonly isTls: boolean;
}

/** More than RFC 6265 (6.1) asks for; what goes beyond is forgotten. */
const most = 50;
const mostChars = 4096;

/**
 * The cookies that one mirror's answers have set (RFC 6265): gates before a file set one, and redirect to where they are. Each goes back to the host that set
 * it, and no other, whatever its Domain says; one that came by TLS goes by TLS. None outlives its mirror, so that of their times only the past one counts,
 * which takes a cookie back.
 */
export class Cookies {
  /** The one that was set last is the last one. */
  readonly #kept = new Map<string, Cookie>();
  readonly #now: () => number;

  /** @param now wall time, milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  take({ url, setCookies = [] }: Pick<HttpAnswer, "url" | "setCookies">): void {
    for (const line of setCookies) if (line.length <= mostChars) this.#set(new URL(url), line);
  }

  /** The headers with the cookies for an address behind those that they hold already. */
  joined(headers: Readonly<Record<string, string>>, url: URL): Readonly<Record<string, string>> {
    const own = [...this.#kept.values()].filter((cookie) => isFor(cookie, url));
    // The more special path first (RFC 6265, 5.4).
    const pairs = own.sort((a, b) => b.path.length - a.path.length).map(({ name, value }) => `${name}=${value}`);
    const all = [...(headers["cookie"] === undefined ? [] : [headers["cookie"]]), ...pairs];
    return all.length === 0 ? headers : { ...headers, cookie: all.join("; ") };
  }

  #set({ hostname: host, pathname, protocol }: URL, line: string): void {
    const [pair = "", ...rest] = line.split(";");
    const [name, value] = parted(pair);
    if (name === "" || !pair.includes("=")) return;
    const says = new Map(rest.map((attribute) => parted(attribute)).map(([key, said]) => [key.toLowerCase(), said]));
    const given = says.get("path") ?? "";
    const path = given.startsWith("/") ? given : pathname.slice(0, Math.max(1, pathname.lastIndexOf("/")));
    const key = JSON.stringify([host, path, name]);
    this.#kept.delete(key);
    if (this.#isPast(says)) return;
    this.#kept.set(key, { name, value, host, path, isTls: protocol === "https:" });
    const [oldest = key] = this.#kept.keys();
    if (this.#kept.size > most) this.#kept.delete(oldest);
  }

  #isPast(says: ReadonlyMap<string, string>): boolean {
    const age = says.get("max-age") ?? "";
    if (/^-?\d+$/.test(age)) return Number(age) <= 0;
    return Date.parse(says.get("expires") ?? "") <= this.#now();
  }
}

/** The texts before and behind the first `=`. */
function parted(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function isFor({ host, path, isTls }: Cookie, { hostname, pathname, protocol }: URL): boolean {
  if (host !== hostname || (isTls && protocol !== "https:")) return false;
  return pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}
