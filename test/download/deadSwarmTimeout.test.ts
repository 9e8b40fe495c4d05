import {
  mergeMap,
  concat,
  defer,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  throwError,
  timer,
  VirtualTimeScheduler,
} from "rxjs";
import { describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import type { Peer } from "../../src/peers/Peer.js";
import { manifestOf, openEnded, play, someBytes } from "./swarm.js";

const file = someBytes(400_000);
const manifest = await manifestOf(file, 1000);

/** Three peers that are away from `fromMs` to `toMs`: requests under way break, new ones are refused. */
function awayBetween(
  fromMs: number,
  toMs: number,
  scheduler: VirtualTimeScheduler,
  refuseWith: DownloadErrorCode = "CONNECTION_REFUSED",
): readonly Peer[] {
  const script = { scheduler, roundTripMs: 10, bytesPerSecond: 10_000, pieceBytes: 100 };
  const isAway = (): boolean => scheduler.now() >= fromMs && scheduler.now() < toMs;
  return ["a", "b", "c"].map((id) => {
    const gone = scriptedPeer(id, file, { refuseWith });
    const alive = scriptedPeer(id, file, script);
    const mortal = (range: Parameters<Peer["request"]>[0]) =>
      defer(() => (isAway() ? gone.request(range) : alive.request(range)));
    return { id, ranges: true, request: mortal };
  });
}

it("A download whose swarm is away goes on when the peers are back before the retries of a chunk would be over", () => {
  const scheduler = new VirtualTimeScheduler();
  const told = play(() => awayBetween(1000, 6000, scheduler), { manifest, scheduler });
  expect(told.of("peer-blacklisted").length).toBeGreaterThan(2);
  expect(told.completed).toBe(true);
  expect(Buffer.compare(told.bytes, file)).toBe(0);
});

it("A download whose swarm stays away ends with the last failure as the cause", () => {
  const scheduler = new VirtualTimeScheduler();
  const told = play(() => awayBetween(1000, Infinity, scheduler), { manifest, scheduler });
  expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED", cause: { code: "CONNECTION_REFUSED" } });
  expect(told.endedAt).toBeLessThan(10_500);
});

it("Progress tells no time left when nothing comes any more", () => {
  const scheduler = new VirtualTimeScheduler();
  const told = play(() => awayBetween(1000, Infinity, scheduler), { manifest, scheduler });
  const beats = told.of("progress");
  expect(beats.find(({ at }) => at === 1000)?.secondsLeft).toBeGreaterThan(0);
  expect(beats.at(-1)).not.toHaveProperty("secondsLeft");
});

describe("a swarm that is away while more peers are looked for", () => {
  const retry = { peerWaitSecs: 120, chunkDeadlineSecs: 50, peerBlacklistDurationSecs: 1000 };

  it("A swarm that is away is waited for as long as one in which nobody is, and that is told", () => {
    const scheduler = new VirtualTimeScheduler();
    const peers = awayBetween(1000, Infinity, scheduler);
    const told = play(() => openEnded(peers), { manifest, scheduler, config: { retry }, looksForPeers: true });
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
    const [waiting, ...others] = told.of("waiting").filter(({ reason }) => reason === "no-peers");
    expect(new Set(others.map(({ untilMs }) => untilMs))).toEqual(new Set([waiting?.untilMs]));
    expect(others.map(({ at }, n) => at - (n + 1) * 30_000)).toEqual(others.map(() => waiting?.at));
    expect(others).toHaveLength(3);
    expect(told.of("download-failed")[0]?.account.waits).toEqual({ "no-peers": 1 });
    expect(waiting?.untilMs).toBeGreaterThan(121_000);
    expect(waiting?.untilMs).toBeLessThanOrEqual(told.endedAt);
    expect(told.endedAt).toBeGreaterThan(121_000);
    expect(told.endedAt).toBeLessThan(130_000);
  });

  it("A swarm of which nobody answers is waited for as well, as long as others may come", () => {
    const ends = (looksForPeers: boolean, isOver = false): number => {
      const scheduler = new VirtualTimeScheduler();
      const peers = awayBetween(1000, Infinity, scheduler, "TIMEOUT");
      const lists = isOver ? of(peers) : openEnded(peers);
      const told = play(() => lists, { manifest, scheduler, config: { retry }, looksForPeers });
      expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
      return told.endedAt;
    };
    expect(ends(true)).toBeGreaterThan(121_000);
    expect(ends(true)).toBeLessThan(130_000);
    for (const others of [ends(false), ends(true, true)]) expect(others).toBeLessThan(100_000);
  });

  it("A swarm that is back before that serves the download to its end", () => {
    const scheduler = new VirtualTimeScheduler();
    const peers = awayBetween(1000, 100_000, scheduler);
    const told = play(() => openEnded(peers), { manifest, scheduler, config: { retry }, looksForPeers: true });
    expect(told.completed).toBe(true);
    expect(Buffer.compare(told.bytes, file)).toBe(0);
  });

  it("A swarm that is away is not waited for when nobody can come any more", () => {
    const scheduler = new VirtualTimeScheduler();
    const peers = awayBetween(1000, Infinity, scheduler);
    const told = play(() => of(peers), { manifest, scheduler, config: { retry }, looksForPeers: true });
    expect(told.endedAt).toBeLessThan(10_500);
  });
});

describe("chunks that nobody has who is reached, while more peers are looked for", () => {
  const script = { roundTripMs: 10, bytesPerSecond: 50_000, pieceBytes: 100 };

  /** One who has all and is gone after half of it, one who has the first quarter and stays, and, where there is a time for it, one who comes later. */
  const crowd = (scheduler: VirtualTimeScheduler, lateMs = Infinity): Observable<readonly Peer[]> => {
    const failing = { diesAfterBytes: 200_000, failWith: "CONNECTION_REFUSED" } as const;
    const whole = scriptedPeer("whole", file, { ...script, ...failing, scheduler });
    const part = scriptedPeer("part", file, { ...script, scheduler, has: (chunk) => chunk < 100 });
    const late = scriptedPeer("late", file, { ...script, scheduler });
    const coming = lateMs < Infinity ? timer(lateMs, scheduler).pipe(map(() => [whole, part, late])) : NEVER;
    return concat(of([whole, part]), merge(coming, NEVER));
  };
  const retries = { maxChunkRetries: 3 };
  const few = { maxChunkRetries: 0, peerFailureThreshold: 50, maxConcurrentChunks: 2 };

  it.each([retries, few])(
    "They are waited for as long as a download waits for peers, and no retry is used, with %j",
    (retry) => {
      const scheduler = new VirtualTimeScheduler();
      const told = play(() => crowd(scheduler, 250_000), {
        manifest,
        scheduler,
        config: { retry },
        looksForPeers: true,
      });
      expect(told.error).toBeUndefined();
      expect(told.of("chunk-failed")).toEqual([]);
      expect(told.of("retry-scheduled")).toEqual([]);
      expect(told.completed).toBe(true);
      expect(Buffer.compare(told.bytes, file)).toBe(0);
    },
  );

  it.each([retries, few])("They end the download when nobody came within that time, with %j", (retry) => {
    const scheduler = new VirtualTimeScheduler();
    const told = play(() => crowd(scheduler), { manifest, scheduler, config: { retry }, looksForPeers: true });
    expect(told.of("download-failed")).toMatchObject([{ resumable: true }]);
    expect(told.endedAt).toBeGreaterThan(290_000);
    expect(told.endedAt).toBeLessThan(400_000);
  });

  it("The wait for them is told, with how many they are and its end, again every half a minute, and ends there", () => {
    const scheduler = new VirtualTimeScheduler();
    const retry = { peerWaitSecs: 100 };
    const told = play(() => crowd(scheduler), { manifest, scheduler, config: { retry }, looksForPeers: true });
    const waits = told.of("waiting").filter(({ reason }) => reason === "lacking");
    const verified = told.of("chunk-verified").length;
    expect(waits).toMatchObject([1, 2, 3, 4].map(() => ({ chunks: 400 - verified, untilMs: waits[0]?.untilMs })));
    expect(told.endedAt - (waits[0]?.untilMs ?? 0)).toBeLessThanOrEqual(1000);
    expect(told.endedAt - (waits[0]?.at ?? 0)).toBeGreaterThan(90_000);
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
    expect((told.error as Error).message).toContain("nobody came within 100 s who has any of the");
    expect(told.of("download-failed")[0]?.account.waits).toEqual({ lacking: 1 });
  });

  it.each([false, true])(
    "Peers that have only others are waited for no longer, whether or not they may get them (%s)",
    (isPartial) => {
      const scheduler = new VirtualTimeScheduler();
      const part = { ...scriptedPeer("part", file, { ...script, scheduler, has: (chunk) => chunk < 100 }), isPartial };
      const told = play(() => openEnded([part]), { manifest, scheduler, config: { retry: { peerWaitSecs: 60 } } });
      expect(told.of("chunk-verified")).toHaveLength(100);
      const [waiting] = told.of("waiting").filter(({ reason }) => reason === "lacking");
      expect(waiting).toMatchObject({ chunks: 300 });
      expect(told.error).toBeDefined();
      expect(told.endedAt).toBeLessThan(70_000);
    },
  );

  it.each([true, false])(
    "A peer whose connection is made anew now and then, and may have anything for a moment, makes the wait no longer, whether or not others may come (%s)",
    (looksForPeers) => {
      const scheduler = new VirtualTimeScheduler();
      const part = scriptedPeer("part", file, { ...script, scheduler, has: (chunk) => chunk < 100 });
      const isNew = (): boolean => scheduler.now() % 30_000 < 50;
      const changes = merge(timer(30_000, 30_000, scheduler), timer(60, 30_000, scheduler)).pipe(map(() => undefined));
      const lacks = new DownloadError("CHUNK_NOT_AVAILABLE", "part lacks it");
      const request: Peer["request"] = (range) =>
        range.chunk < 100 ? part.request(range) : timer(60, scheduler).pipe(mergeMap(() => throwError(() => lacks)));
      const again: Peer = {
        ...{ id: "part", ranges: true, request, changes },
        has: (chunk: number) => chunk < 100 || isNew(),
        get isPartial() {
          return !isNew();
        },
        get held() {
          return isNew() ? undefined : 100;
        },
      };
      const retry = { peerWaitSecs: 100 };
      const lists = looksForPeers ? openEnded([again]) : of([again]);
      const told = play(() => lists, { manifest, scheduler, config: { retry }, looksForPeers });
      expect(told.error).toBeDefined();
      expect(told.endedAt).toBeGreaterThan(100_000);
      expect(told.endedAt).toBeLessThan(110_000);
    },
  );

  it("A download that fails fast does not wait for them: its retries are all that a chunk has", () => {
    const scheduler = new VirtualTimeScheduler();
    const config = { failFast: true };
    const told = play(() => crowd(scheduler), { manifest, scheduler, config, looksForPeers: true });
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
    expect(told.endedAt).toBeLessThan(60_000);
    expect(told.of("waiting").filter(({ reason }) => reason === "lacking")).toEqual([]);
  });

  it("A download that fails fast waits for a first peer all the same", () => {
    const scheduler = new VirtualTimeScheduler();
    const peer = scriptedPeer("late", file, { ...script, scheduler });
    const late = concat(of([]), merge(timer(100_000, scheduler).pipe(map(() => [peer])), NEVER));
    const told = play(() => late, { manifest, scheduler, config: { failFast: true }, looksForPeers: true });
    expect(told.completed).toBe(true);
  });

  it("Chunks that were given up, whose holder is reached and does not bring them, make the wait for others no longer", () => {
    const scheduler = new VirtualTimeScheduler();
    const part = scriptedPeer("part", file, { ...script, scheduler });
    const without = scriptedPeer("part", file, { refuseWith: "PEER_UNAVAILABLE" });
    const request: Peer["request"] = (range) => (range.chunk < 2 ? without : part).request(range);
    const halting = { id: "part", ranges: true, has: (chunk: number) => chunk < 100, request };
    const away = scriptedPeer("away", file, { refuseWith: "CONNECTION_REFUSED" });
    const told = play(() => openEnded([halting, away]), { manifest, scheduler, looksForPeers: true }, 500_000);
    expect(told.of("chunk-verified")).toHaveLength(98);
    expect(told.of("chunk-failed").map(({ chunk }) => chunk)).toEqual([0, 1]);
    expect(told.of("waiting").find(({ reason }) => reason === "lacking")).toMatchObject({ chunks: 300 });
    expect(told.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
    expect(told.endedAt).toBeLessThan(400_000);
  });

  it("They are not waited for when nobody is looked for", () => {
    const scheduler = new VirtualTimeScheduler();
    const told = play(() => crowd(scheduler), { manifest, scheduler, looksForPeers: false });
    expect(told.endedAt).toBeLessThan(100_000);
  });
});
