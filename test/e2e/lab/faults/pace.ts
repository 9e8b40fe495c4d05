import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { Ask, Body, Connection, Fault } from "../Exchange.js";
import { alter } from "./alter.js";

/** Which connections it meets, and when. */
export interface When {
  /** Bytes that a connection has carried before. @default 0 */
  readonly afterBytes?: number;
  /** So many connections, the first that come so far. @default all */
  readonly connections?: number;
}

/** Falls silent, and keeps the connection open. */
export function stalls(when: When = {}): Fault {
  return slowsTo(0, when);
}

/** Serves each connection so many bytes a second. */
export function rate(bytesPerSecond: number): Fault {
  return slowsTo(bytesPerSecond);
}

/** Goes on with so many bytes a second. */
export function slowsTo(bytesPerSecond: number, { afterBytes = 0, connections = Infinity }: When = {}): Fault {
  return (next) => {
    const met = new Map<Connection, Pace>();
    const isMet = ({ connection }: Ask, coming: number): boolean => {
      if (met.has(connection)) return true;
      if (met.size >= connections || connection.served + coming <= afterBytes) return false;
      met.set(connection, new Pace(bytesPerSecond));
      return true;
    };
    async function* paced(body: Body, ask: Ask): AsyncGenerator<Buffer> {
      for await (const piece of body) {
        if (!isMet(ask, piece.length)) yield piece;
        else yield* (met.get(ask.connection) as Pace).through(piece, ask.gone);
      }
    }
    return alter((answer, ask) => ({ ...answer, body: paced(answer.body, ask) }))(next);
  };
}

const granuleMs = 20;

/** Time of one connection: what was sent too early is waited for, what was not sent is not made up for. */
class Pace {
  readonly #perMs: number;
  #dueAt = performance.now();

  constructor(bytesPerSecond: number) {
    this.#perMs = bytesPerSecond / 1000;
  }

  async *through(piece: Buffer, gone: AbortSignal): AsyncGenerator<Buffer> {
    if (this.#perMs === 0) {
      gone.throwIfAborted();
      await once(gone, "abort");
      return;
    }
    const step = Math.max(1, Math.floor(this.#perMs * granuleMs));
    for (let at = 0; at < piece.length; at += step) {
      const part = piece.subarray(at, at + step);
      this.#dueAt = Math.max(this.#dueAt, performance.now() - granuleMs) + part.length / this.#perMs;
      yield part;
      const waitMs = this.#dueAt - performance.now();
      if (waitMs >= 1) await setTimeout(waitMs, undefined, { signal: gone });
    }
  }
}
