import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BearerCheck } from "../adapters/websocket/BearerCheck.js";
import { excerpt } from "../errors/excerpt.js";

/** A refusal as an HTTP status, and why. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly message: string;
}

/** How long a link of a daemon is good, ms. */
const ticketMs = 5 * 60_000;

export interface DoorkeeperParts {
  readonly port: number;
  readonly token: string;
  /** Time, ms. */
  readonly now: () => number;
  /** True for a server that ends with a command: its link is good as long as it runs, and its cookie as long as the browser. */
  readonly isBrief: boolean;
}

/**
 * Decides who is let in. Any page of any site may ask a port of this machine, and may have its own name lead here (DNS rebinding): so a request has to name
 * this machine as its host, and come from no other origin. Who it is, a token says: in a header, or in a cookie. A browser gets the cookie by a link that is
 * good once and not for long, because links are seen by others: in lists of processes, histories, shells.
 */
export class Doorkeeper {
  /** True for a server that ends with a command. */
  readonly isBrief: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #bearer: BearerCheck;
  readonly #token: string;
  /** A cookie is for all ports of a host: the name has the port. */
  readonly #cookie: string;
  readonly #now: () => number;
  /** Tickets of links that nobody has opened yet, and until when they are good. */
  readonly #tickets = new Map<string, number>();

  constructor({ port, token, now, isBrief }: DoorkeeperParts) {
    this.#now = now;
    this.isBrief = isBrief;
    this.#hosts = new Set(["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`));
    this.#bearer = new BearerCheck(token);
    this.#token = token;
    this.#cookie = `tributary-${port}`;
  }

  /** Header that makes a browser bring the token from now on, to this origin's own pages only. */
  get setCookie(): string {
    const cookie = `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`;
    return this.isBrief ? cookie : `${cookie}; Max-Age=31536000`;
  }

  /** Why a request is not even looked at; nothing where it may be. */
  stranger({ headers: { host = "", origin } }: Pick<IncomingMessage, "headers">): Refusal | undefined {
    if (!this.#hosts.has(host.toLowerCase()))
      return {
        status: 421,
        message: `no request for ${excerpt(host)} is answered here: it is no name of this machine`,
      };
    if (origin === undefined || this.#hosts.has(origin.toLowerCase().replace(/^http:\/\//, ""))) return undefined;
    return { status: 403, message: `web pages of ${excerpt(origin)} are not let in` };
  }

  /** True when a request brings the token, in its header or its cookie. */
  knows(request: IncomingMessage): boolean {
    if (this.#bearer.passes(request, [])) return true;
    const cookies = (request.headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
    const own = cookies.filter((cookie) => cookie.startsWith(`${this.#cookie}=`));
    return own.some((cookie) => this.#bearer.isToken(cookie.slice(this.#cookie.length + 1)));
  }

  /** Ticket of a new link. */
  ticket(): string {
    const now = this.#now();
    for (const [ticket, until] of this.#tickets) if (until <= now) this.#tickets.delete(ticket);
    const ticket = randomBytes(32).toString("base64url");
    this.#tickets.set(ticket, this.isBrief ? Infinity : now + ticketMs);
    return ticket;
  }

  /** True for a ticket that is good, which it is not from then on. */
  takes(ticket: string): boolean {
    const until = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return until !== undefined && this.#now() < until;
  }
}
