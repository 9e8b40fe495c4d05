import { concat, NEVER, of, Subject } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Peer } from "../../src/peers/Peer.js";
import { Machine } from "./Machine.js";
import { manifestOf, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const minutes = 60_000;
const file = someBytes(100_000);
const manifest = await manifestOf(file, 25_000);

let machine = new Machine();
let sink = memorySink();
let progress = memoryProgress();
let events: DownloadEvent[] = [];
let error: unknown;

beforeEach(() => {
  machine = new Machine();
  sink = memorySink();
  progress = memoryProgress();
  events = [];
  error = undefined;
});

const all = <Type extends DownloadEventType>(type: Type) =>
  events.filter((event): event is DownloadEventOf<Type> => event.type === type);

const peer = (id: string, ...scripts: readonly PeerScript[]) =>
  turns(
    id,
    file,
    scripts.map((script) => ({ scheduler: machine, ...script })),
  );

function start(peers: readonly Peer[], config: DownloadConfig = {}) {
  const source = concat(of(peers), NEVER);
  const parts = { manifest, peers: source, sink, progress, digest: sha256, scheduler: machine, random: () => 0.5 };
  return download(parts, config).subscribe({
    next: (event) => events.push(event),
    error: (thrown: unknown) => (error = thrown),
  });
}

/** Bytes left in full, nobody to blame, nothing fetched twice. */
function expectUnharmed(): void {
  const [done] = all("download-completed");
  expect(done?.account).toMatchObject({ retries: {}, received: 100_000, recoveredChunks: 0 });
  expect(all("peer-blacklisted")).toEqual([]);
  for (const { continued, code } of all("attempt-failed")) expect([continued, code]).toEqual([true, "NETWORK_DOWN"]);
  expect(sink.bytes()).toEqual(file);
}

describe("a machine that sleeps for ten minutes in mid-download", () => {
  it.each(["sleep", "stall"] as const)(
    "A machine that sleeps for ten minutes in mid-download goes on where it was (%s)",
    (kind) => {
      // Ten seconds a chunk: without the clock, all limits would be over.
      const alice = peer("alice", { bytesPerSecond: 2500, pieceBytes: 250 });
      start([alice], { retry: { chunkTimeoutSecs: 30, chunkDeadlineSecs: 60 } });
      machine.run(5000);
      machine[kind](10 * minutes);
      machine.run(60_000);
      expectUnharmed();
      expect(all("notice")).toMatchObject([{ message: "Going on: the machine slept for 10 min 00 s" }]);
      // Dropped and asked again from its frontier: one request more than chunks.
      expect(alice.asked.map(({ chunk }) => chunk)).toHaveLength(5);
      const { elapsedMs } = all("download-completed")[0]?.account ?? {};
      expect(elapsedMs).toBeLessThan(45_000);
    },
  );

  it("A download drops requests that would hang for ever after a sleep, and dials again", () => {
    let renewed = 0;
    const alice = { ...peer("alice", { hang: true }, {}), renew: () => (renewed += 1) };
    start([alice], { retry: { maxConcurrentChunks: 1 } });
    machine.run(5000);
    machine.sleep(10 * minutes);
    machine.run(2000);
    expectUnharmed();
    expect(renewed).toBe(1);
    expect(all("download-completed")[0]?.at).toBeLessThan(8000);
  });

  it("A download blames nobody for connections that broke in the machine's sleep, before it noticed", () => {
    const cut = new Subject<never>();
    const alice = peer("alice", {});
    const broken: Peer = { ...alice, request: (range) => (cut.observed || done ? alice.request(range) : cut) };
    let done = false;
    start([broken], { retry: { maxConcurrentChunks: 1 } });
    machine.run(2500);
    machine.sleep(10 * minutes);
    done = true;
    cut.error(new DownloadError("CONNECTION_RESET", "the other side gave up"));
    machine.run(2000);
    expectUnharmed();
  });

  it("A download does not excuse a peer that lies in the machine's sleep", () => {
    const cut = new Subject<never>();
    const liar: Peer = { id: "liar", ranges: true, request: () => cut };
    start([liar]);
    machine.run(2500);
    machine.sleep(10 * minutes);
    cut.error(new DownloadError("INVALID_CHUNK", "a wrong chunk"));
    expect(all("peer-quarantined")).toMatchObject([{ peer: "liar", code: "INVALID_CHUNK" }]);
  });

  it("A sleep moves the ends of waits and blacklists, and the record says when they end by the wall clock", () => {
    const dead = peer("dead", { refuseWith: "PEER_UNAVAILABLE" });
    const slow = peer("slow", { bytesPerSecond: 400, pieceBytes: 100 });
    start([dead, slow], { retry: { peerBlacklistDurationSecs: 100, maxConcurrentChunks: 2 } });
    machine.run(20_000);
    const [listed] = all("peer-blacklisted");
    const asked = dead.asked.length;
    machine.sleep(10 * minutes);
    machine.run(60_000);
    expect(dead.asked).toHaveLength(asked);
    const endsAt = progress.saved()?.peers["dead"]?.blacklistedUntil;
    const movedMs = (endsAt ?? 0) - (listed?.untilMs ?? 0);
    expect(Math.abs(movedMs - 10 * minutes)).toBeLessThanOrEqual(1000);
    machine.run(40_000);
    expect(dead.asked.length).toBeGreaterThan(asked);
    expect(progress.saved()?.savedAt).toBeGreaterThan(10 * minutes);
    expect(progress.saved()?.failed.every(({ lastAttempt }) => Number.isInteger(lastAttempt))).toBe(true);
  });

  it("A download takes the blacklists of an earlier run at their wall time", () => {
    const saved = { ok: 0, failed: 3, failures: 3, blacklistedUntil: 50_000 };
    const { chunkSize, root, name, size } = manifest;
    const nothing = { complete: new Uint8Array(1), frontiers: {}, failed: [], resumes: 0, savedAt: 0 };
    progress = memoryProgress({ version: 1, root, name, size, chunkSize, ...nothing, peers: { A: saved } });
    start([peer("A", {}), peer("B", { bytesPerSecond: 400 })]);
    expect(all("peer-blacklisted")).toMatchObject([{ peer: "A", untilMs: 50_000 }]);
  });
});

describe("an event loop that is blocked for four seconds", () => {
  it("An event loop that is blocked for four seconds is not sleep: time limits go on", () => {
    start([peer("alice", { hang: true })], { retry: { chunkTimeoutSecs: 6, maxConcurrentChunks: 1 } });
    machine.run(2500);
    machine.stall(4000);
    machine.run(1);
    expect(all("attempt-failed")).toMatchObject([{ code: "TIMEOUT", continued: false }]);
    expect(all("notice")).toEqual([]);
  });
});

describe("a wall clock that is set back by an hour", () => {
  it("A wall clock that is set back by an hour changes nothing", () => {
    machine.setWall(7200_000);
    start([peer("alice", { bytesPerSecond: 2500, pieceBytes: 250 })]);
    machine.run(15_000);
    machine.setWall(-3600_000);
    machine.run(60_000);
    expectUnharmed();
    expect(error).toBeUndefined();
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

it("A download leaves no timer, whether the machine slept or not", () => {
  const subscription = start([peer("alice", { bytesPerSecond: 100 })]);
  machine.run(1500);
  machine.sleep(10 * minutes);
  machine.run(400);
  subscription.unsubscribe();
  expect(machine.timers.size).toBe(0);
});
