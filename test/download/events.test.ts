import { concat, map, NEVER, of, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { DownloadEvent, DownloadEventType } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { manifestOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const kib = 1024;
const file = someBytes(64 * kib);
const manifest = await manifestOf(file, 32 * kib);

const expected: readonly DownloadEventType[] = [
  ...(["download-started", "peer-joined", "peer-left", "peer-restored", "peer-blacklisted"] as const),
  ...(["peer-quarantined", "peer-excluded", "peer-busy", "attempt-started", "attempt-failed"] as const),
  ...([
    "retry-scheduled",
    "peer-switched",
    "hedge-started",
    "chunk-verified",
    "chunk-failed",
    "waiting",
    "notice",
  ] as const),
  ...(["recovering", "recovered"] as const),
  ...(["progress", "checkpoint-saved", "download-completed", "download-paused", "download-failed"] as const),
];

function runs(): readonly DownloadEvent[] {
  const scheduler = new VirtualTimeScheduler();
  const slow = { bytesPerSecond: 16 * kib, scheduler };
  const dead = play(() => [scriptedPeer("A", file, { refuseWith: "CONNECTION_LOST" })], { manifest });
  const paused = play(() => [scriptedPeer("A", file, slow)], {
    ...{ manifest, scheduler, config: { pauseWhen: timer(1000, scheduler) } },
  });
  const again = new VirtualTimeScheduler();
  const late = { bytesPerSecond: 16 * kib, scheduler: again };
  const restored = turns("C", file, [
    { refuseWith: "TIMEOUT" },
    { refuseWith: "TIMEOUT" },
    { refuseWith: "TIMEOUT" },
    late,
  ]);
  const others = [
    scriptedPeer("liar", file, { corruptAt: 9 }),
    scriptedPeer("stranger", file, { refuseWith: "AUTH_FAILED" }),
    turns("busy", file, [{ refuseWith: "PEER_BUSY" }, late]),
  ];
  const peers = concat(of([...others, restored]), timer(1000, again).pipe(map(() => [restored])), NEVER);
  const sink = memorySink();
  sink.open(file.length).subscribe();
  sink.write(0, new Uint8Array(10)).subscribe();
  sink.close().subscribe();
  const done = play(() => peers, { manifest, sink, scheduler: again });
  const alone = turns("C", file, [{ refuseWith: "TIMEOUT" }, { refuseWith: "TIMEOUT" }, { refuseWith: "TIMEOUT" }, {}]);
  const back = play(() => [alone], { manifest });
  const busy = play(() => [turns("A", file, [{ refuseWith: "PEER_BUSY" }, {}])], { manifest });
  return [dead, paused, done, back, busy].flatMap(({ events }) => events);
}

describe("the events of downloads", () => {
  const seen = runs();

  it.each(expected)("The events of downloads have %s among them", (type) => {
    expect(seen.some((event) => event.type === type)).toBe(true);
  });

  it("The events of downloads are plain data, with the time, which never runs backwards within a run", () => {
    expect(structuredClone(seen)).toEqual(seen);
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
    for (const [i, { type, at }] of seen.entries()) {
      if (type !== "download-started") expect(at).toBeGreaterThanOrEqual(seen[i - 1]?.at ?? 0);
    }
  });
});

describe("progress", () => {
  it("Progress comes four times a second, with speed and time left", () => {
    const scheduler = new VirtualTimeScheduler();
    const peer = scriptedPeer("A", file, { bytesPerSecond: 16 * kib, pieceBytes: kib, scheduler });
    const told = play(() => [peer], { manifest, scheduler, config: { retry: { maxConcurrentChunks: 1 } } });
    const beats = told.of("progress");
    expect(beats.slice(0, -1).map(({ at }) => at)).toEqual(Array.from(beats.slice(1), (_, i) => 250 * (i + 1)));
    const last = beats.at(-3);
    expect(last).toMatchObject({ size: file.length, done: 32 * kib, verified: 32 * kib, retries: 0 });
    expect(last?.bytesPerSecond).toBeGreaterThan(14 * kib);
    expect(last?.bytesPerSecond).toBeLessThan(18 * kib);
    expect(last?.secondsLeft).toBeGreaterThan(0);
  });

  it("The last progress of a download that has its file is the whole, however soon that is", () => {
    const scheduler = new VirtualTimeScheduler();
    const sizes = [{ bytesPerSecond: 20 * kib }, { bytesPerSecond: 20_000 * kib }, {}];
    for (const speed of sizes) {
      const told = play(() => [scriptedPeer("A", file, { ...speed, scheduler })], { manifest, scheduler });
      expect(told.completed).toBe(true);
      const [last] = told.of("progress").slice(-1);
      expect(last).toMatchObject({ done: file.length, verified: file.length, size: file.length });
    }
  });

  it("Progress tells the round trip and the failures in a row of peers that are asked, and the account so far", () => {
    const scheduler = new VirtualTimeScheduler();
    const script = { roundTripMs: 40, bytesPerSecond: 64 * kib, pieceBytes: kib, scheduler };
    const [good, bad] = [scriptedPeer("A", file, script), scriptedPeer("B", file, { ...script, failAfterBytes: 10 })];
    const told = play(() => [good, bad], { manifest, scheduler });
    const beats = told.of("progress");
    expect(beats.findLast(({ underWayByPeer = {} }) => "A" in underWayByPeer)?.underWayByPeer?.["A"]).toEqual({
      // The first piece comes at 64 kB/s.
      ...{ roundTripMs: 56, failures: 0 },
    });
    const last = beats.at(-1);
    expect(last?.accountSoFar).toMatchObject({ done: last?.done, received: last?.received, size: file.length });
    expect(last?.accountSoFar).not.toHaveProperty("bytesByPeer");
  });

  it("Progress knows no time left while nothing comes", () => {
    const told = play(() => [scriptedPeer("A", file, { hang: true })], { manifest }, 3000);
    expect(told.of("progress").length).toBeGreaterThanOrEqual(11);
    for (const beat of told.of("progress")) expect(beat).not.toHaveProperty("secondsLeft");
  });
});

describe("checkpoints", () => {
  it("Checkpoints are saved after a second at the latest, and ten a second at most", () => {
    const scheduler = new VirtualTimeScheduler();
    const peer = scriptedPeer("A", file, { bytesPerSecond: 16 * kib, pieceBytes: 64, scheduler });
    const saves = play(() => [peer], { manifest, scheduler })
      .of("checkpoint-saved")
      .map(({ at }) => at);
    expect(saves.length).toBeGreaterThan(10);
    for (const [i, at] of saves.entries()) {
      const before = saves[i - 1];
      if (before === undefined || i === saves.length - 1) continue;
      expect(at - before).toBeLessThanOrEqual(1000);
      expect(at - before).toBeGreaterThanOrEqual(100);
    }
  });
});

describe("the account", () => {
  it("The account knows who brought what, what was in vain, and what was tried again for which cause", () => {
    const timeout = { refuseWith: "TIMEOUT" } as const;
    const a = turns("A", file, [timeout, { refuseWith: "CONNECTION_LOST" }, {}]);
    const liar = { ...turns("B", file, [{ corruptAt: 33 * kib }]), has: (chunk: number) => chunk === 1 };
    const told = play(() => [{ ...a, has: (chunk) => chunk === 0 }, liar], { manifest });
    const [failed] = [...told.of("download-completed"), ...told.of("download-failed")];
    expect(failed?.account).toMatchObject({
      size: file.length,
      bytesByPeer: { A: 32 * kib, B: 64 * kib },
      waste: { checksum: 64 * kib },
      retries: { TIMEOUT: 1, CONNECTION_LOST: 1 },
      recoveredChunks: 1,
      longestRecoveryMs: 3000,
      failedChunks: 1,
      resumes: 0,
    });
  });

  it("The account counts continuations apart from retries, and busy answers apart from both", () => {
    const busy = new DownloadError("PEER_BUSY", "later");
    const peer = turns("A", file, [{ failAfterBytes: 16 * kib, pieceBytes: kib }, { refuseWith: busy }, {}]);
    const told = play(() => [peer], { manifest });
    const [done] = told.of("download-completed");
    expect(done?.account).toMatchObject({ continuations: 1, retries: {}, recoveredChunks: 0, waste: {}, switches: 0 });
    expect(done?.account.received).toBe(file.length);
  });
});
