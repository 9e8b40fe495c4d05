import type { IncomingHttpHeaders } from "node:http";

/** One connection of a client. */
export interface Connection {
  /** Bytes of bodies that it has carried. */
  readonly served: number;
}

/** What a client asks, and what is known of it. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly connection: Connection;
  /** Aborts when the client has gone, or the server stops. */
  readonly gone: AbortSignal;
}

/** How the end of the body is told: by its length, by chunks, or by the end of the connection. */
type Framing = "length" | "chunked" | "close";

/** What the client hears. Nothing in it is checked: a lie is sent as it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  /** Place in the file of the body's first byte. */
  readonly position: number;
  /** @default "length" */
  readonly framing?: Framing;
}

/** Pieces of a body, read as fast as the client takes them. */
export type Body = Iterable<Buffer> | AsyncIterable<Buffer>;

/** Answers requests. */
export type Handler = (ask: Ask) => Answer | Promise<Answer>;

/** What goes wrong: a handler in front of one that is right. Each call starts it anew. */
export type Fault = (next: Handler) => Handler;

/** Thrown by a body to break the connection, as a dying process does (FIN) or a dying host (RST). */
export class Break extends Error {
  readonly how: "close" | "reset";

  constructor(how: Break["how"]) {
    super(`the connection is to ${how}`);
    this.how = how;
  }
}
