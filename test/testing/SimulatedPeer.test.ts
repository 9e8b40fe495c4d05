import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { Downlink } from "../../src/testing/Downlink.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import { SimulatedPeer } from "../../src/testing/SimulatedPeer.js";
import type { SwarmPeer } from "../../src/testing/SwarmPeer.js";
import { resolvePeers } from "../../src/testing/SwarmPeer.js";
import { syntheticFile } from "../../src/testing/syntheticFile.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";

const chunkBytes = 40_960;
const file = syntheticFile(10 * chunkBytes, chunkBytes);

/** A stage for peers, and what becomes of requests for whole chunks, by the clock. */
function stage(downlinkSpeed?: number) {
  const scheduler = new VirtualClock();
  const downlink = downlinkSpeed === undefined ? undefined : new Downlink(downlinkSpeed);
  let open = 0;
  const counted = (change: 1 | -1): void => void (open += change);
  const peer = (script: SwarmPeer): SimulatedPeer => {
    const [resolved] = resolvePeers([{ roundTripMs: 10, pieceBytes: 20_480, ...script }]);
    if (resolved === undefined) throw new Error("one peer");
    return new SimulatedPeer(resolved, { scheduler, file, downlink, counted }, seededRandom(7));
  };
  const ask = (of: SimulatedPeer, chunk = 0, untilMs = 10_000): readonly string[] => begin(of, chunk, untilMs).line;
  const begin = (of: SimulatedPeer, chunk = 0, untilMs?: number) => {
    const line: string[] = [];
    const position = chunk * chunkBytes;
    let received = 0;
    const subscription = of.request({ chunk, offset: 0, length: chunkBytes, position }).subscribe({
      next: (bytes) => {
        const right = file.isRight(position + received, bytes) ? "" : " wrong";
        received += bytes.length;
        line.push(`${scheduler.now()}: ${bytes.length}${right}`);
      },
      error: (error: unknown) => line.push(`${scheduler.now()}: # ${(error as DownloadError).code}`),
      complete: () => line.push(`${scheduler.now()}: |`),
    });
    if (untilMs !== undefined) scheduler.run(untilMs);
    return { line, subscription };
  };
  return { scheduler, peer, ask, begin, open: () => open };
}

describe("a simulated peer", () => {
  it("A simulated peer answers after its round trip, at its speed, piece by piece, and schedules nothing afterwards", () => {
    const { peer, ask, scheduler, open } = stage();
    const alice = peer({ bytesPerSecond: 204_800 });
    expect(ask(alice)).toEqual(["110: 20480", "210: 20480", "210: |"]);
    expect([alice.served, alice.mostOpen, open(), scheduler.pending]).toEqual([chunkBytes, 1, 0, 0]);
  });

  it("A simulated peer shares its speed among its requests, and gives a share back in the frame in which a request is cancelled", () => {
    const { peer, begin, scheduler } = stage();
    const alice = peer({ bytesPerSecond: 204_800 });
    const first = begin(alice);
    const second = begin(alice, 1);
    scheduler.run(110);
    first.subscription.unsubscribe();
    scheduler.run(10_000);
    expect(first.line).toEqual([]);
    expect(second.line).toEqual(["160: 20480", "260: 20480", "260: |"]);
    expect([alice.served, alice.mostOpen]).toEqual([chunkBytes, 2]);
  });

  it("A simulated peer follows its steps, silence among them", () => {
    const { peer, ask } = stage();
    const bytesPerSecond = [
      { atMs: 0, bytesPerSecond: 204_800 },
      { atMs: 60, bytesPerSecond: 0 },
      { atMs: 1000, bytesPerSecond: 409_600 },
    ];
    expect(ask(peer({ bytesPerSecond }))).toEqual(["1025: 20480", "1075: 20480", "1075: |"]);
    expect(stage().ask(stage().peer({ bytesPerSecond: [{ atMs: 500, bytesPerSecond: 1 }] }), 0, 100)).toEqual([]);
  });

  it("A simulated peer loses all its requests to one error, and serves the next", () => {
    const { peer, scheduler } = stage();
    const alice = peer({ bytesPerSecond: 204_800, lossesAtMs: [150, 50] });
    const errors: unknown[] = [];
    const range = { chunk: 0, offset: 0, length: chunkBytes, position: 0 };
    for (let i = 0; i < 2; i++) alice.request(range).subscribe({ error: (error: unknown) => errors.push(error) });
    scheduler.run(60);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBeInstanceOf(DownloadError);
    expect((errors[0] as DownloadError).code).toBe("CONNECTION_LOST");
    expect(errors[0]).toBe(errors[1]);
    alice.request(range).subscribe({ error: (error: unknown) => errors.push(error) });
    scheduler.run(150);
    expect(errors).toHaveLength(3);
    expect(scheduler.pending).toBe(0);
  });

  it("A simulated peer refuses in its spans, with the wait that it asks for", () => {
    const { peer, ask } = stage();
    const alice = peer({
      bytesPerSecond: 4_096_000,
      refusals: [
        { code: "PEER_BUSY", untilMs: 20, retryAfterMs: 700 },
        { code: "AUTH_FAILED", fromMs: 10_000 },
      ],
    });
    let busy: unknown;
    alice
      .request({ chunk: 0, offset: 0, length: 1, position: 0 })
      .subscribe({ error: (error: unknown) => (busy = error) });
    expect(ask(alice, 0, 15)).toEqual(["10: # PEER_BUSY"]);
    expect(busy).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 700, peer: "P0" });
    expect(ask(alice, 0, 10_000)).toEqual(["30: 20480", "35: 20480", "35: |"]);
    expect(ask(alice, 0, 20_000)).toEqual(["10010: # AUTH_FAILED"]);
  });

  it("A simulated peer is busy beyond so many requests", () => {
    const { peer, begin, scheduler } = stage();
    const alice = peer({ bytesPerSecond: 409_600, maxRequests: 1 });
    const lines = [begin(alice).line, begin(alice).line];
    scheduler.run();
    expect(lines).toEqual([["10: # PEER_BUSY"], ["60: 20480", "110: 20480", "110: |"]]);
  });

  it("A simulated peer drops what it was asked when it goes, and refuses until it is back, unless it lingers", () => {
    const { peer, ask } = stage();
    const script = { bytesPerSecond: 204_800, away: [{ fromMs: 150, untilMs: 400 }] };
    const alice = peer(script);
    expect(ask(alice, 0, 200)).toEqual(["110: 20480", "150: # CONNECTION_LOST"]);
    expect(ask(alice, 0, 300)).toEqual(["210: # CONNECTION_REFUSED"]);
    expect(ask(alice, 0, 395)).toEqual(["310: # CONNECTION_REFUSED"]);
    expect(ask(alice, 0, 1000)).toEqual(["505: 20480", "605: 20480", "605: |"]);
    const other = stage();
    expect(other.ask(other.peer({ ...script, lingers: true }))).toEqual(["110: 20480", "210: 20480", "210: |"]);
  });

  it("A simulated peer says what it has, or lets it be found out", () => {
    const { peer, ask } = stage();
    const has = (chunk: number): boolean => chunk !== 3;
    const open = peer({ bytesPerSecond: 1e6, has });
    const secretive = peer({ bytesPerSecond: 1e6, has, tells: false });
    expect([open.has?.(3), open.has?.(2), secretive.has]).toEqual([false, true, undefined]);
    expect(ask(secretive, 3, 20)).toEqual(["10: # CHUNK_NOT_AVAILABLE"]);
  });

  it("A simulated peer breaks, stalls and lies by chance", () => {
    const of = (script: Partial<SwarmPeer>) => {
      const { peer, ask } = stage();
      return ask(peer({ bytesPerSecond: 409_600, pieceBytes: 4096, ...script }));
    };
    const broken = of({ breaks: 1 });
    expect(broken.at(-1)).toMatch(/# CONNECTION_RESET$/);
    expect(broken.length).toBeLessThan(11);
    const stalled = of({ stalls: 1 });
    expect(stalled).toEqual(broken.slice(0, -1));
    expect(of({ corrupts: 1 }).filter((line) => line.endsWith("wrong"))).toHaveLength(10);
    expect(of({ corrupts: 0 }).filter((line) => line.endsWith("wrong"))).toHaveLength(0);
  });

  it("Simulated peers share a downlink max-min fairly: what the slow one leaves over goes to the others", () => {
    const { peer, begin, scheduler } = stage(204_800);
    const slow = begin(peer({ id: "slow", bytesPerSecond: 40_960 }));
    const fast = begin(peer({ id: "fast", bytesPerSecond: 4_096_000 }));
    const other = begin(peer({ id: "other", bytesPerSecond: 4_096_000 }));
    scheduler.run();
    // 40 kB/s and twice 82 kB/s; when those are done the slow one has no more to gain.
    expect(slow.line).toEqual(["510: 20480", "1010: 20480", "1010: |"]);
    expect(fast.line).toEqual(["260: 20480", "510: 20480", "510: |"]);
    expect(other.line).toEqual(fast.line);
    expect(scheduler.pending).toBe(0);
  });

  it.each([
    [{ bytesPerSecond: -1 }, "P0: bytesPerSecond is -1; it must be a number from 0 to 9007199254740991"],
    [{ bytesPerSecond: 1, breaks: 2 }, "P0: breaks is 2; it must be a number from 0 to 1"],
    [{ bytesPerSecond: 1, pieceBytes: 1000 }, "P0: pieceBytes is 1000; it must be a multiple of 4096 up to 1048576"],
    [{ bytesPerSecond: 1, roundTripMs: NaN, id: "A" }, "A: roundTripMs is NaN; it must be a number from 0 to 3600000"],
  ])("A simulated peer is refused as %j", (script, message) => {
    expect(() => resolvePeers([script])).toThrow(new RangeError(message));
  });

  it("A simulated peer has an id of its own", () => {
    expect(() => resolvePeers([{ bytesPerSecond: 1 }, { bytesPerSecond: 1, id: "P0" }])).toThrow(
      new RangeError("two peers have the id P0"),
    );
  });
});
