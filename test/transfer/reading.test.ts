import { VirtualTimeScheduler } from "rxjs";
import type { SchedulerLike } from "rxjs";
import { describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { ByteRange, Peer, Receiver } from "../../src/peers/Peer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, plainOf, play, someBytes } from "../download/swarm.js";

const kib = 1024;
const file = someBytes(256 * kib);

interface ReadingScript {
  readonly id?: string;
  /** Bytes a turn. @default 10000 */
  readonly pieceBytes?: number;
  /** Time of a turn, ms. @default 10 */
  readonly everyMs?: number;
  readonly firstAfterMs?: number;
  /** What is done at the end, in place of saying that it is one. */
  readonly end?: (receiver: Receiver) => void;
  /** Bytes that it brings, of those that were asked for. @default all */
  readonly brings?: (range: ByteRange) => number;
  readonly bytes?: Uint8Array;
}

/** A peer that reads into the memory it is given, and what it saw. */
function readingPeer(scheduler: SchedulerLike, script: ReadingScript = {}) {
  const { id = "A", pieceBytes = 10_000, everyMs = 10, firstAfterMs = everyMs, bytes = file } = script;
  const seen = { given: 0, mostRoom: 0, cancelled: 0 };
  const peer: Peer = {
    id,
    ranges: true,
    request: () => {
      throw new Error("it is asked by read");
    },
    read: (range, receiver) => {
      const total = script.brings?.(range) ?? range.length;
      let done = 0;
      let isOver = false;
      const turn = scheduler.schedule(function () {
        if (isOver) return;
        const room = receiver.room();
        seen.mostRoom = Math.max(seen.mostRoom, room.length);
        const piece = bytes.subarray(range.position + done, range.position + Math.min(total, done + pieceBytes));
        const now = piece.subarray(0, room.length);
        room.set(now);
        done += now.length;
        seen.given += now.length;
        receiver.filled(now.length);
        if (done < total) this.schedule(undefined, everyMs);
        else if (script.end === undefined) receiver.complete();
        else script.end(receiver);
      }, firstAfterMs);
      return () => {
        isOver = true;
        seen.cancelled += 1;
        turn.unsubscribe();
      };
    },
  };
  return { peer, seen };
}

describe("A peer that reads into the memory it is given", () => {
  it("A peer that reads into given memory brings the file, and is given no more room than it was asked to fill", async () => {
    const manifest = await manifestOf(file, 64 * kib);
    const scheduler = new VirtualTimeScheduler();
    const { peer, seen } = readingPeer(scheduler);
    const told = play(() => [peer], { manifest, scheduler });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(seen.given).toBe(file.length);
    expect(seen.mostRoom).toBeLessThanOrEqual(64 * kib);
    expect(told.of("download-completed")).toMatchObject([{ account: { received: file.length, waste: {} } }]);
  });

  it("A peer that reads into given memory brings chunks that are larger than the memory for one", async () => {
    const large = someBytes(9 * 1024 * kib);
    const manifest = await manifestOf(large, large.length);
    const scheduler = new VirtualTimeScheduler();
    const { peer } = readingPeer(scheduler, { bytes: large, pieceBytes: 300_000 });
    const told = play(() => [peer], { manifest, scheduler });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, large)).toBe(true);
  });

  it.each([
    ["says that it is done before it is", { brings: ({ length }: ByteRange) => length - 1 }],
    ["brings more than it was asked for", { end: (receiver: Receiver) => receiver.take(new Uint8Array(1)) }],
  ])("A peer that reads into given memory is held to the range when it %s", async (_, script) => {
    const manifest = await manifestOf(file, file.length);
    const scheduler = new VirtualTimeScheduler();
    const { peer } = readingPeer(scheduler, script);
    const told = play(() => [peer], { manifest, scheduler, config: { failFast: true } });
    expect(told.of("peer-quarantined")).toMatchObject([{ peer: "A", code: "INVALID_CHUNK" }]);
  });

  it("A chunk without a digest comes from somebody else when its peer went on behind the last byte, in a piece of its own, too", () => {
    const scheduler = new VirtualTimeScheduler();
    const bytes = someBytes(file.length).fill(7);
    const surplus = readingPeer(scheduler, { bytes, end: (receiver) => receiver.take(new Uint8Array(1)) });
    const right = readingPeer(scheduler, { id: "B" });
    const told = play(() => [surplus.peer, right.peer], { manifest: plainOf(file, file.length), scheduler });
    expect(told.of("peer-quarantined")).toMatchObject([{ peer: "A", code: "INVALID_CHUNK" }]);
    expect(told.of("chunk-stored")).toMatchObject([{ peers: { B: file.length } }]);
    expect(sameBytes(told.bytes, file)).toBe(true);
    const [{ account } = {}] = told.of("download-completed");
    expect(account).toMatchObject({ received: 2 * file.length, waste: { checksum: file.length } });
  });

  it("A peer that hangs up behind the last byte of a chunk has delivered it", async () => {
    const manifest = await manifestOf(file, file.length);
    const scheduler = new VirtualTimeScheduler();
    const lost = new DownloadError("CONNECTION_LOST", "lost");
    const told = play(() => [readingPeer(scheduler, { end: (receiver) => receiver.fail(lost) }).peer], {
      manifest,
      scheduler,
    });
    expect(told.of("attempt-failed")).toEqual([]);
    expect(told.of("download-completed")).toMatchObject([{ account: { received: file.length, waste: {} } }]);
  });

  it("A peer that reads into given memory goes on where another one broke, and writes nowhere but there", async () => {
    const manifest = await manifestOf(file, file.length);
    const scheduler = new VirtualTimeScheduler();
    const lost = new DownloadError("CONNECTION_LOST", "lost");
    const breaks = readingPeer(scheduler, { brings: () => 100_000, end: (receiver) => receiver.fail(lost) });
    const goesOn = readingPeer(scheduler, { id: "B" });
    const told = play(() => [breaks.peer, goesOn.peer], { manifest, scheduler });
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(told.of("chunk-verified")).toMatchObject([{ peers: { A: 100_000, B: file.length - 100_000 } }]);
  });

  it("A peer that reads into given memory leaves it alone once another one has begun beside it", async () => {
    const manifest = await manifestOf(file, file.length);
    const scheduler = new VirtualTimeScheduler();
    // Late enough that a second leg is asked; what it fills in then is of no use, and wrong.
    const late = readingPeer(scheduler, { firstAfterMs: 2500, bytes: someBytes(file.length).fill(7) });
    const quick = scriptedPeer("B", file, { bytesPerSecond: 100_000, pieceBytes: 10_000, scheduler });
    const told = play(() => [late.peer, quick], { manifest, scheduler });
    expect(told.of("hedge-started")).toMatchObject([{ primary: "A", backup: "B" }]);
    expect(late.seen.cancelled).toBe(1);
    expect(late.seen.given).toBe(0);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A peer that reads into given memory is stopped when it falls silent", async () => {
    const manifest = await manifestOf(file, file.length);
    const scheduler = new VirtualTimeScheduler();
    const silent = readingPeer(scheduler, { brings: () => 50_000, end: () => undefined });
    const told = play(() => [silent.peer], { manifest, scheduler, config: { failFast: true } }, 200_000);
    expect(told.of("attempt-failed")[0]).toMatchObject({ code: "STALLED", received: 50_000 });
    expect(silent.seen.cancelled).toBeGreaterThan(0);
  });

  it("A peer that reads into given memory is heard no more after its end, whatever it says", async () => {
    const manifest = await manifestOf(file, file.length);
    const end = (receiver: Receiver): void => {
      receiver.complete();
      receiver.take(new Uint8Array(10));
      receiver.filled(10);
      receiver.fail(new Error("too late"));
      receiver.complete();
    };
    const scheduler = new VirtualTimeScheduler();
    const told = play(() => [readingPeer(scheduler, { end }).peer], { manifest, scheduler });
    expect(told.completed).toBe(true);
    expect(told.of("attempt-failed")).toEqual([]);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});
