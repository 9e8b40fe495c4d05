import type { Body, Connection } from "../Exchange.js";
import { Break, type Fault } from "../Exchange.js";
import { withFaults } from "../serve.js";

/** Serves so many requests at once, and the next one with the last byte of a body; the faults meet any more. */
export function takes(most: number, ...faults: readonly Fault[]): Fault {
  return (next) => {
    const refused = withFaults(next, ...faults);
    let served = 0;
    async function* counted(body: Body, length: number): AsyncGenerator<Buffer> {
      let left = length;
      try {
        for await (const piece of body) {
          left -= piece.length;
          if (left === 0) served -= 1; // before the client can have it
          yield piece;
        }
      } finally {
        if (left > 0) served -= 1;
      }
    }
    return async (ask) => {
      if (served >= most) return refused(ask);
      served += 1;
      const answer = await next(ask);
      return { ...answer, body: counted(answer.body, Number(answer.headers["content-length"])) };
    };
  };
}

/** Breaks the connection in place of an answer. */
export function hangsUp(how: Break["how"] = "reset"): Fault {
  return () => () => {
    throw new Break(how);
  };
}

/** The faults meet all requests of a connection but its first one. */
export function spendsConnections(...faults: readonly Fault[]): Fault {
  return (next) => {
    const refused = withFaults(next, ...faults);
    const used = new WeakSet<Connection>();
    return (ask) => {
      if (used.has(ask.connection)) return refused(ask);
      used.add(ask.connection);
      return next(ask);
    };
  };
}
