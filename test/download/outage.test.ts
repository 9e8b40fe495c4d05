import type { Observable } from "rxjs";
import { concat, NEVER, of, Subject, timer, VirtualTimeScheduler } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "../../src/download/DownloadEvent.js";
import { initialState } from "../../src/download/DownloadState.js";
import { reduce } from "../../src/download/reduce.js";
import type { Peer } from "../../src/peers/Peer.js";
import { Network } from "./Network.js";
import { manifestOf, someBytes } from "./swarm.js";

const file = someBytes(20_000);
const manifest = await manifestOf(file, 1000);

let scheduler = new VirtualTimeScheduler();
let network = new Network(file, scheduler);
let events: (DownloadEvent & { readonly base: number })[] = [];
let error: unknown;
let completed = false;

beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  network = new Network(file, scheduler);
  events = [];
  error = undefined;
  completed = false;
});

interface Extra {
  readonly config?: DownloadConfig;
  readonly online?: Observable<boolean>;
  readonly source?: Observable<readonly Peer[]>;
}

function start(peers: readonly Peer[], { config = {}, online, source = concat(of(peers), NEVER) }: Extra = {}) {
  const parts = { manifest, peers: source, sink: memorySink(), progress: memoryProgress(), digest: sha256, scheduler };
  return download({ ...parts, random: () => 0.5, ...(online && { online }) }, config).subscribe({
    next: (event) => events.push({ ...event, base: scheduler.now() }),
    error: (thrown: unknown) => (error = thrown),
    complete: () => (completed = true),
  });
}

function to(ms: number): void {
  scheduler.maxFrames = ms;
  scheduler.flush();
}

const all = <Type extends DownloadEventType>(type: Type) =>
  events.filter((event): event is DownloadEventOf<Type> & { readonly base: number } => event.type === type);

/** The waits for the network: when each began, by the base clock, and how long it was to be. */
const waits = () =>
  all("waiting").flatMap(({ reason, base, at, untilMs = at }) => (reason === "offline" ? [[base, untilMs - at]] : []));

function expectNoBlame(): void {
  expect(all("retry-scheduled")).toEqual([]);
  expect(all("peer-blacklisted")).toEqual([]);
  expect(all("chunk-failed")).toEqual([]);
  expect(all("attempt-failed").filter(({ continued }) => !continued)).toEqual([]);
}

describe("a download whose network is gone", () => {
  it.each([1, 3])(
    "A download whose network is gone waits and asks again after 1, 2, 4, 8 and 8 s, and goes on; %d peers, nobody to blame",
    (count) => {
      network.down(2500, 20_000);
      const peers = Array.from({ length: count }, (_, n) => network.peer(`peer ${n}`));
      start(peers);
      to(60_000);
      expect(completed).toBe(true);
      expect(waits()).toEqual([
        [2500, 1000],
        [3500, 2000],
        [5500, 4000],
        [9500, 8000],
        [17_500, 8000],
      ]);
      expectNoBlame();
      expect(all("notice")).toMatchObject([{ message: "The network is back", base: 25_600 }]);
      expect(all("download-completed")[0]?.account).toMatchObject({
        retries: {},
        waits: { offline: 5 },
        received: 20_000,
      });
    },
  );

  it("A download whose network is gone stops all its clocks: neither deadlines nor its own time go on", () => {
    network.down(2500, 100_000);
    start([network.peer("A", "behind", 200)], { config: { retry: { chunkTimeoutSecs: 6, chunkDeadlineSecs: 10 } } });
    to(400_000);
    expect(completed).toBe(true);
    expectNoBlame();
    const [done] = all("download-completed");
    expect(done?.account.elapsedMs).toBeLessThan((done?.base ?? 0) - 97_000);
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it("A download whose network is gone shows itself in the state as waiting, until somebody is asked again", () => {
    network.down(2500, 3000);
    start([network.peer("A")]);
    const stateNow = () => events.reduce(reduce, initialState);
    to(3400);
    expect(stateNow()).toMatchObject({ phase: "waiting", waiting: { reason: "offline" } });
    to(3700);
    expect(stateNow()).toMatchObject({ phase: "downloading", waiting: undefined });
  });

  it("A download whose network is gone begins to count anew after every outage", () => {
    network.down(2500, 5000);
    network.down(6500, 7000);
    start([network.peer("A")]);
    to(60_000);
    expect(completed).toBe(true);
    expect(waits().map(([, ms]) => ms)).toEqual([1000, 2000, 1000]);
    expectNoBlame();
  });

  it("A download whose network is gone fails after maxOfflineSecs in a row, to be resumed", () => {
    network.down(2500);
    start([network.peer("A"), network.peer("B")], { config: { retry: { maxOfflineSecs: 10 } } });
    to(1_000_000);
    expect(waits().map(([, ms]) => ms)).toEqual([1000, 2000, 4000, 3000]);
    expect(all("download-failed")).toMatchObject([{ code: "NETWORK_DOWN", resumable: true, base: 12_500 }]);
    expect(error).toMatchObject({ code: "NETWORK_DOWN", message: "no network for 10 s: connect ENETUNREACH" });
    expectNoBlame();
    expect(scheduler.actions).toEqual([]);
  });

  it("A download whose network is gone waits for five minutes if it is not told otherwise, also at its very start", () => {
    network.down(0);
    to(0);
    start([network.peer("A")]);
    to(1_000_000);
    expect(all("download-failed")).toMatchObject([{ code: "NETWORK_DOWN", base: 300_000 }]);
  });

  it("A download whose network is gone fails at once with maxOfflineSecs 0", () => {
    network.down(2500);
    start([network.peer("A")], { config: { retry: { maxOfflineSecs: 0 } } });
    to(1_000_000);
    expect(waits()).toEqual([]);
    expect(all("download-failed")).toMatchObject([{ code: "NETWORK_DOWN", base: 2500 }]);
  });

  it("A download whose network is gone asks at once when a peer joins", () => {
    const source = new Subject<readonly Peer[]>();
    const [alice, bob] = [network.peer("alice"), network.peer("bob", "here")];
    network.down(2500);
    start([], { source });
    source.next([alice]);
    to(11_000);
    source.next([alice, bob]);
    to(11_200);
    expect(network.asked.filter(({ peer }) => peer === "bob")).toEqual([{ peer: "bob", at: 11_000 }]);
    expect(all("chunk-verified").length).toBeGreaterThan(0);
    to(400_000);
    expect(completed).toBe(true);
  });

  it("A download whose network is gone asks at once when the platform says that there is a network again", () => {
    const online = new Subject<boolean>();
    network.down(2500, 10_000);
    timer(11_000, scheduler).subscribe(() => online.next(true));
    start([network.peer("A")], { online });
    to(60_000);
    expect(all("notice")).toMatchObject([{ base: 11_100 }]);
    expectNoBlame();
  });

  it("A download whose network is gone can be paused while it waits", () => {
    const pauseWhen = timer(4000, scheduler);
    network.down(2500);
    start([network.peer("A")], { config: { pauseWhen } });
    to(1_000_000);
    expect(all("download-paused")).toMatchObject([{ base: 4000 }]);
    expect(completed).toBe(true);
    expect(scheduler.actions).toEqual([]);
  });

  it("A download whose network is gone leaves no timer when it is unsubscribed while it waits", () => {
    network.down(2500);
    const subscription = start([network.peer("A"), network.peer("B")]);
    to(4000);
    subscription.unsubscribe();
    expect(scheduler.actions).toEqual([]);
  });

  it("A download whose network is gone waits where a swarm that only failed would be given up", () => {
    network.down(2500, 60_000);
    const dead = scriptedPeer("dead", file, { refuseWith: "CONNECTION_REFUSED", scheduler });
    start([dead, network.peer("A")]);
    to(120_000);
    expect(completed).toBe(true);
    expect(waits().length).toBeGreaterThan(5);
  });
});

describe("no outage is", () => {
  it("A refused connection is no outage", () => {
    network.down(2500, Infinity, "CONNECTION_REFUSED");
    start([network.peer("A"), network.peer("B")]);
    to(1_000_000);
    expect(waits()).toEqual([]);
    expect(error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
  });

  it("A network that only some peers cannot be reached through is no outage: they fail as any other, the rest goes on", () => {
    start([network.peer("lost", "unreachable"), network.peer("B"), network.peer("C")]);
    to(60_000);
    expect(completed).toBe(true);
    expect(waits()).toEqual([]);
    const failures = all("attempt-failed").map(({ peer, code, continued }) => [peer, code, continued]);
    expect(failures[0]).toEqual(["lost", "NETWORK_DOWN", true]);
    expect(new Set(failures.slice(1).map(([peer, code]) => `${peer} ${code}`))).toEqual(
      new Set(["lost CONNECTION_REFUSED"]),
    );
    expect(all("peer-blacklisted")).toMatchObject([{ peer: "lost", code: "CONNECTION_REFUSED" }]);
  });

  it("A network that is back and refuses is no outage: what follows counts", () => {
    network.down(2500, 5000);
    network.down(5001, Infinity, "CONNECTION_REFUSED");
    start([network.peer("A")]);
    to(1_000_000);
    expect(waits()).toEqual([
      [2500, 1000],
      [3500, 2000],
    ]);
    expect(all("notice")).toMatchObject([{ message: "The network is back", base: 5500 }]);
    expect(error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
  });

  it("A name that nobody knows is no outage, as long as nothing has worked; afterwards it is one", () => {
    network.down(0, Infinity, "HOST_NOT_FOUND");
    timer(0, scheduler).subscribe(() => start([network.peer("A")]));
    to(1_000_000);
    expect(waits()).toEqual([]);
    expect(error).toMatchObject({ code: "RETRIES_EXHAUSTED", cause: { code: "HOST_NOT_FOUND" } });

    scheduler = new VirtualTimeScheduler();
    network = new Network(file, scheduler);
    events = [];
    network.down(2500, 5000, "HOST_NOT_FOUND");
    start([network.peer("A")]);
    to(1_000_000);
    expect(waits()).toHaveLength(2);
    expect(completed).toBe(true);
    expectNoBlame();
  });

  it("A storm of resets is no outage", () => {
    network.down(2500, 5000, "CONNECTION_RESET");
    start([network.peer("A")]);
    to(1_000_000);
    expect(waits()).toEqual([]);
    expect(all("retry-scheduled").length).toBeGreaterThan(0);
  });

  it("A storm of resets on a machine that never had a way out is no outage", () => {
    network.down(2500, 5000, "CONNECTION_RESET");
    start([network.peer("A")], { online: of(false) });
    to(1_000_000);
    expect(waits()).toEqual([]);
  });
});

it("A storm of resets is an outage when the platform has just lost its way out", () => {
  const online = new Subject<boolean>();
  network.down(2500, 9000, "CONNECTION_RESET");
  start([network.peer("A"), network.peer("B")], { online });
  online.next(true);
  timer(2400, scheduler).subscribe(() => online.next(false));
  timer(9000, scheduler).subscribe(() => online.next(true));
  to(1_000_000);
  expect(waits().map(([base]) => base)).toEqual([2500, 3500, 5500]);
  expect(completed).toBe(true);
  expectNoBlame();
});
