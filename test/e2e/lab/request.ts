import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { Agent, request as send } from "node:http";

/** What a client heard that believes everything. */
export interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Why the body was not whole, if so. */
  readonly broken: string | undefined;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** @default a connection of its own */
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** One request without any care, over node:http; rejects when no answer came. */
export function request(url: string, options: RequestOptions = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asked = send(url, { agent: new Agent(), ...options }, (answer) => {
      const pieces: Buffer[] = [];
      const end = (broken?: string): void =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces), broken });
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("end", () => end());
      answer.on("error", ({ message }) => end(message));
      // Of a reset the request hears first.
      asked.off("error", reject).on("error", ({ message }) => end(message));
    });
    asked.on("error", reject);
    asked.end();
  });
}
