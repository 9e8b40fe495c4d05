import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { excerpt } from "../../errors/excerpt.js";
import { isLoopback } from "../network/isLoopback.js";

export interface OriginCheckConfig {
  /** See `ServeWebSocketConfig`. */
  readonly allowed: readonly string[];
  /** The address that is listened on. */
  readonly host: string;
  /** A certificate proves the name by which a client came. */
  readonly tls: boolean;
}

interface Refusal {
  readonly status: 403 | 421;
  readonly message: string;
}

/**
 * Keeps web pages from asking what is served here. A browser lets each page open WebSockets to whatever its user can reach, this machine included, and says
 * in `Origin` whose page it is (RFC 6455, 10.2); programs send none.
 *
 * A page may also have its own name lead to this machine (DNS rebinding), so that the browser takes us for its server. Where only this machine is listened
 * to, without a certificate, a page's request is answered under an address or a name of this machine only, as development servers do. Programs may use any
 * name that leads here, such as one of the machine's own list of hosts.
 */
export class OriginCheck {
  readonly #origins: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #any: boolean;
  readonly #isOpen: boolean;

  /** @throws TypeError for what is no origin. */
  constructor({ allowed, host, tls }: OriginCheckConfig) {
    for (const origin of allowed) checkOrigin(origin);
    this.#origins = new Set(allowed);
    this.#any = this.#origins.has("*");
    const named = allowed.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).hostname);
    this.#names = new Set([...named, hostname().toLowerCase()]);
    this.#isOpen = tls || !isLoopback(host);
  }

  /** The HTTP status of the refusal, and why; nothing where the request may pass. */
  refusal({ headers: { origin, host } }: Pick<IncomingMessage, "headers">): Refusal | undefined {
    if (origin !== undefined && !this.#any && !this.#origins.has(origin)) {
      const message = `web pages of ${excerpt(origin)} are not let in; a seeder lets in those of its --allow-origin`;
      return { status: 403, message };
    }
    if (origin === undefined || this.#isOpen || this.#isOurs(host)) return undefined;
    return {
      status: 421,
      message: `no request for ${excerpt(host ?? "")} is answered here: it is no name of this machine`,
    };
  }

  /** True when a Host is the name of this machine, or of an origin that was allowed. A request without a name is no browser's. */
  #isOurs(host = "127.0.0.1"): boolean {
    if (!URL.canParse(`http://${host}`)) return false;
    const { hostname: name } = new URL(`http://${host}`);
    return isIP(name.replace(/^\[|\]$/g, "")) !== 0 || /(?:^|\.)localhost$/.test(name) || this.#names.has(name);
  }
}

/** Words for what an origin is. */
export const originKinds =
  "one such as https://example.org or http://localhost:8080, null for pages of files, or * for all";

/** True for the origin of web pages, and for what stands for several of them. */
export function isOrigin(text: string): boolean {
  const isExact = URL.canParse(text) && new URL(text).origin === text && !text.includes("*");
  return isExact || text === "*" || text === "null";
}

function checkOrigin(origin: string): void {
  if (isOrigin(origin)) return;
  throw new TypeError(`the origin ${JSON.stringify(origin)} is none; expected ${originKinds}`);
}
