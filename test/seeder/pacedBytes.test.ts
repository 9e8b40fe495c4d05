import { type SchedulerAction, type SchedulerLike, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { seederWith } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const { manifest, source } = await memoryFile(100_000, 100_000);
const { root } = manifest;

/** A client of a seeder that sends a kilobyte each 1,024 ms. */
function slowClient() {
  const scheduler = new VirtualTimeScheduler();
  const client = seederWith(new Map([[root, source]]), { limitRateBytesPerSecond: 1000, scheduler });
  const sentBytes = () => client.connection.of("data").reduce((sum, { bytes }) => sum + bytes.length, 0);
  const servedBytes = () =>
    client.events.reduce((sum, event) => sum + (event.type === "chunk-served" ? event.bytes : 0), 0);
  client.connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 50_000 });
  scheduler.maxFrames = 10_000;
  scheduler.flush();
  return { ...client, scheduler, sentBytes, servedBytes };
}

describe("a paced seeder", () => {
  it("A paced seeder counts as served what it has sent when the client goes, without what waited for its turn", () => {
    const { connection, sentBytes, servedBytes } = slowClient();
    connection.frames.complete();
    expect(sentBytes()).toBeGreaterThan(0);
    expect(servedBytes()).toBe(sentBytes());
  });

  it("A paced seeder sends nothing more of a cancelled request, and goes on with the others", () => {
    const { connection, sentBytes, servedBytes, scheduler } = slowClient();
    connection.say({ type: "cancel", id: 1 });
    const atCancel = sentBytes();
    expect(servedBytes()).toBe(atCancel);
    connection.say({ type: "get-chunk", id: 2, root, index: 0, offset: 0, length: 2000 });
    scheduler.maxFrames = 20_000;
    scheduler.flush();
    expect(sentBytes()).toBe(atCancel + 2000);
    expect(servedBytes()).toBe(atCancel + 2000);
  });

  it("A paced seeder sends a message when its last byte is due, and no sooner", () => {
    const scheduler = new VirtualTimeScheduler();
    const { connection } = seederWith(new Map([[root, source]]), { limitRateBytesPerSecond: 1000, scheduler });
    const sentAt: number[] = [];
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 3072 });
    for (let at = 0; at <= 4000; at += 1) {
      scheduler.maxFrames = at;
      scheduler.flush();
      while (sentAt.length < connection.of("data").length) sentAt.push(at);
    }
    expect(sentAt).toEqual([1024, 2048, 3072]);
  });

  it("A paced seeder whose timers come once a second, as in a page that is hidden, keeps its rate, and no more of it", () => {
    const scheduler = new VirtualTimeScheduler();
    const late: SchedulerLike = {
      now: () => scheduler.now(),
      schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T) {
        const dueAt = Math.ceil((scheduler.now() + delayMs) / 1000) * 1000;
        return scheduler.schedule(work, dueAt - scheduler.now(), state);
      },
    };
    const { connection } = seederWith(new Map([[root, source]]), { limitRateBytesPerSecond: 10_000, scheduler: late });
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 100_000 });
    scheduler.maxFrames = 8000;
    scheduler.flush();
    const sent = connection.of("data").reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(sent).toBeGreaterThan(0.9 * 80_000);
    expect(sent).toBeLessThanOrEqual(80_000);
  });
});
