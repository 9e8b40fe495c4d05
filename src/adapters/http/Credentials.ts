import { byHost } from "../../protocol/byHost.js";
import { findToken, type Tokens } from "../../protocol/findToken.js";
import { toBase64 } from "../../storage/base64.js";

/** Headers by the host they were given for: `host` or `host:port`. */
export type HostHeaders = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Headers that say what is asked for and how it comes, which is ours to say. */
const ours =
  /^(range|if-.*|accept-encoding|host|connection|keep-alive|content-length|transfer-encoding|te|upgrade|expect)$/i;

/**
 * The secrets that each of a mirror's hosts may see: those given for it. User and password of the mirror's own address go
 * to the origin of that address alone.
 */
export class Credentials {
  readonly #origin: string;
  readonly #basic: string | undefined;
  readonly #tokens: Tokens;
  readonly #headers: HostHeaders;

  /**
   * @throws TypeError when a token or the user and password cannot be sent, RangeError when a header cannot; no message shows a secret.
   */
  constructor(url: URL, tokens: Tokens, headers: HostHeaders) {
    this.#origin = url.origin;
    this.#basic = basicOf(url);
    this.#tokens = tokens;
    this.#headers = headers;
    for (const [host, given] of Object.entries(headers)) checkHeaders(host, given);
    findToken(tokens, { host: hostOf(url) });
  }

  /** The headers for one address. A header that was given goes before user and password, and these before a token. */
  for(url: URL): Readonly<Record<string, string>> {
    const host = hostOf(url);
    const basic = url.origin === this.#origin ? this.#basic : undefined;
    const token = findToken(this.#tokens, { host });
    const authorization = basic ?? (token === undefined ? undefined : `Bearer ${token}`);
    const given = Object.entries(byHost(this.#headers, host) ?? {});
    return {
      ...(authorization === undefined ? {} : { authorization }),
      ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])),
    };
  }
}

function hostOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function basicOf({ username, password, host }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${toBase64(new TextEncoder().encode(text))}`;
  } catch {
    throw new TypeError(
      `the user name or password in the address of ${host} holds a % that is no escape; write it as %25`,
    );
  }
}

/** @throws RangeError for a header that cannot be sent; the message does not show its value. */
export function checkHeaders(host: string, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new RangeError(`${JSON.stringify(name)}, for ${host}, is no name of a header`);
    }
    if (ours.test(name))
      throw new RangeError(`the header ${name}, for ${host}, is one that each request sets by itself`);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new RangeError(
        `the header ${name} for ${host} holds a line break or another character that no header can hold`,
      );
    }
  }
}
