import { setTimeout } from "node:timers/promises";
import type { Ask, Body, Connection, Fault } from "../Exchange.js";

/** Transfers of the whole file from the origin of a cache. */
export interface Origin {
  transfers: number;
}

const granuleMs = 20;

/**
 * A cache that is cold: until one transfer of the file has come to its end, each request makes one more, at so many bytes a second, and has its bytes when
 * those before have passed. The transfer goes on when the client has gone, and its connection takes no other request before it has ended, as those of
 * nginx with `proxy_cache`.
 */
export function fillsCache(bytesPerSecond: number, origin: Origin = { transfers: 0 }): Fault {
  return (next) => {
    const ends = new Map<Connection, number>();
    let fullAt = Infinity;
    const until = async (at: number, { gone }: Ask): Promise<void> => {
      while (performance.now() < Math.min(at, fullAt)) await setTimeout(granuleMs, undefined, { signal: gone });
    };
    async function* passing(body: Body, position: number, startedAt: number, ask: Ask): AsyncGenerator<Buffer> {
      let at = position;
      for await (const piece of body) {
        at += piece.length;
        await until(startedAt + (at * 1000) / bytesPerSecond, ask);
        yield piece;
      }
    }
    return async (ask) => {
      await until(ends.get(ask.connection) ?? 0, ask);
      const answer = await next(ask);
      const startedAt = performance.now();
      if (startedAt >= fullAt) return answer;
      const { "content-range": range, "content-length": length } = answer.headers;
      const size = Number(range?.split("/")[1] ?? length);
      origin.transfers += 1;
      const endsAt = startedAt + (size * 1000) / bytesPerSecond;
      ends.set(ask.connection, endsAt);
      fullAt = Math.min(fullAt, endsAt);
      return { ...answer, body: passing(answer.body, answer.position, startedAt, ask) };
    };
  };
}
