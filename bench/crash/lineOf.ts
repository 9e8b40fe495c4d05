import { setTimeout } from "node:timers/promises";
import type { Ask, Body, Fault } from "../../test/e2e/lab/Exchange.js";
import { alter } from "../../test/e2e/lab/faults/alter.js";

/** So much is sent at a time, bytes. */
const pieceBytes = 16_384;

/** A line of so many bytes a second to all connections of all servers that stand behind it. */
export function lineOf(bytesPerSecond: number): Fault {
  let dueAt = 0;
  async function* paced(body: Body, { gone }: Ask): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      for (let at = 0; at < piece.length; at += pieceBytes) {
        const part = piece.subarray(at, at + pieceBytes);
        dueAt = Math.max(dueAt, performance.now()) + (1000 * part.length) / bytesPerSecond;
        await setTimeout(dueAt - performance.now(), undefined, { signal: gone });
        yield part;
      }
    }
  }
  return alter((answer, ask) => ({ ...answer, body: paced(answer.body, ask) }));
}
