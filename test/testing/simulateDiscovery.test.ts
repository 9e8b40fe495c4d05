import { describe, expect, it } from "vitest";
import { drawDiscovery } from "../../bench/simulate/drawDiscovery.js";
import { discoveryLaws } from "../../bench/simulate/laws/discovery.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import {
  type AskedQuestion,
  type DiscoveryPeer,
  type DiscoveryRun,
  type DiscoveryScript,
  type QuestionFate,
  simulateDiscovery,
} from "../../src/testing.js";

const mirrors = (...peers: readonly Partial<DiscoveryPeer>[]): DiscoveryScript => ({
  seed: 1,
  question: "mirror",
  peers: peers.map((peer, n) => ({ id: `http://m${n}/file.bin`, fates: ["answers"], ...peer })),
});
const seeders = (...peers: readonly Partial<DiscoveryPeer>[]): DiscoveryScript => ({
  seed: 1,
  question: "manifest",
  peers: peers.map((peer, n) => ({ id: `ws://m${n}`, fates: ["answers"], ...peer })),
});
const retriesOf = ({ events }: DiscoveryRun): number => events.filter(({ type }) => type === "question-retried").length;

describe("a simulated discovery", () => {
  it("A manifest is asked of seeders, and brings its digests", () => {
    const run = simulateDiscovery(seeders({ fates: ["CONNECTION_RESET", "answers"] }, { fates: ["FILE_NOT_FOUND"] }));
    expect(run).toMatchObject({ outcome: "known", error: undefined, pending: 0, openQuestions: 0 });
    expect(run.facts?.digests).toBeDefined();
    expect(run.peers).toEqual(["ws://m0", "ws://m1"]);
    expect(run.asked.map(({ peer, fate }) => `${peer} ${fate}`)).toEqual([
      ...["ws://m0 CONNECTION_RESET", "ws://m1 FILE_NOT_FOUND", "ws://m0 answers"],
    ]);
  });

  it("Mirrors are compared, and a stale one is refused", () => {
    const run = simulateDiscovery(mirrors({}, { isStale: true }, {}));
    expect(run).toMatchObject({ outcome: "known", facts: { size: 1_000_000 }, openQuestions: 0 });
    expect(run.peers).toEqual(["http://m0/file.bin", "http://m2/file.bin"]);
    expect(run.events).toContainEqual(expect.objectContaining({ type: "mirror-refused", peer: "http://m1/file.bin" }));
  });

  it("The answer of an only mirror stays open, to be read as the first chunk", () => {
    expect(simulateDiscovery(mirrors({}))).toMatchObject({ outcome: "known", openQuestions: 1, pending: 0 });
  });

  it("A discovery fails with what a download would end with", () => {
    const run = simulateDiscovery(mirrors({ fates: ["AUTH_FAILED"] }));
    expect(run).toMatchObject({ outcome: "failed", error: { code: "AUTH_FAILED" }, facts: undefined, peers: [] });
  });

  it("A discovery that is left in an event goes no further", () => {
    const script = seeders({ fates: ["CONNECTION_RESET", "answers"] });
    const left = simulateDiscovery({ ...script, unsubscribeAt: 2 });
    expect(left).toMatchObject({ outcome: "unsubscribed", pending: 0, openQuestions: 0, facts: undefined });
    expect(left.events).toEqual(simulateDiscovery(script).events.slice(0, 2));
    expect(left.asked).toHaveLength(1);
  });

  it("An answer that comes while the discovery is left is let go", () => {
    const script = mirrors({ fates: ["NETWORK_DOWN", "answers"] });
    const back = simulateDiscovery(script).events.findIndex(
      (event) => event.type === "notice" && event.message === "The network is back",
    );
    const left = simulateDiscovery({ ...script, unsubscribeAt: back + 1 });
    expect(left).toMatchObject({ outcome: "unsubscribed", openQuestions: 0 });
    expect(left.asked.map(({ fate }) => fate)).toEqual(["NETWORK_DOWN", "answers"]);
  });

  it("A script that draws both questions of a seed draws others for another one", () => {
    expect(drawDiscovery(7, "mirror")).toEqual(drawDiscovery(7, "mirror"));
    expect(drawDiscovery(7, "mirror")).not.toEqual(drawDiscovery(8, "mirror"));
  });

  it.each(["manifest", "mirror"] as const)(
    "A machine that sleeps asks again for what was under way (%s), at the cost of no retry",
    (question) => {
      const sleep = { atMs: 1000, forMs: 7_200_000 };
      const peers = [{ id: "http://slow/file.bin", fates: ["answers"], latencyMs: 3000 }] as const;
      const run = simulateDiscovery({ seed: 1, question, peers, sleep });
      expect(run.outcome).toBe("known");
      expect(retriesOf(run)).toBe(0);
      expect(run.asked).toHaveLength(2);
      expect(run.events).toContainEqual(
        expect.objectContaining({ type: "notice", message: "Going on: the machine slept for 2 h 00 min" }),
      );
    },
  );

  it("A machine that wakes has its patience left", () => {
    const sleep = { atMs: 1000, forMs: 7_200_000 };
    const { error, makespanMs } = simulateDiscovery({ ...seeders({ fates: ["silent"] }), sleep });
    expect(error?.code).toBe("RETRIES_EXHAUSTED");
    expect(makespanMs).toBeGreaterThan(sleep.forMs + 60_000);
  });

  it("A machine without a network waits for it, and blames nobody", () => {
    const fates = [...Array<QuestionFate>(3).fill("NETWORK_DOWN"), "answers" as const];
    const { outcome, events } = simulateDiscovery(mirrors({ fates }, { fates }));
    expect(outcome).toBe("known");
    expect(events.filter(({ type }) => type === "waiting").length).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === "question-failed")).toEqual([]);
  });

  it("A network that stays away for longer than it may is the failure", () => {
    const script = { ...mirrors({ fates: ["NETWORK_DOWN"] }), retry: { maxOfflineSecs: 30 } };
    expect(simulateDiscovery(script).error?.code).toBe("NETWORK_DOWN");
  });

  it("A retry policy that cannot be is refused", () => {
    expect(() => simulateDiscovery({ ...seeders({}), retry: { maxChunkRetries: -1 } })).toThrow(RangeError);
  });
});

const breachesOf = (run: DiscoveryRun, script: DiscoveryScript): readonly string[] =>
  discoveryLaws.flatMap(({ name, broken }) => (broken(run, script) === undefined ? [] : [name]));

const asked = (fate: QuestionFate, atMs: number): AskedQuestion => ({
  peer: "ws://m0",
  fate,
  atMs,
  heardAtMs: atMs + 20,
});
const bug = new DownloadError("UNKNOWN", "a bug");

const doctored: readonly (readonly [law: string, DiscoveryScript, Partial<DiscoveryRun>])[] = [
  ["a discovery ends, with a file or with an error", seeders({}), { outcome: "unfinished" }],
  ["a discovery ends, with a file or with an error", seeders({}), { facts: undefined }],
  ["a discovery ends, with a file or with an error", seeders({}), { error: bug }],
  ["a discovery that has ended, or was left, has no timer and no question", seeders({}), { pending: 1 }],
  ["a discovery that has ended, or was left, has no timer and no question", seeders({}), { openQuestions: 1 }],
  [
    "events and questions of a discovery come in the order of time",
    seeders({}),
    { asked: [asked("TIMEOUT", 2), asked("answers", 1)] },
  ],
  ["a discovery fails with what a peer did, or for want of any", seeders({}), { outcome: "failed", error: bug }],
  ["a manifest is found where a peer always answers", seeders({}), { outcome: "failed" }],
  [
    "nobody is asked for a manifest again who refused it for good",
    seeders({}),
    { asked: [asked("AUTH_FAILED", 0), asked("answers", 5000)] },
  ],
  [
    "a busy peer is left alone for a second at least",
    seeders({}),
    { asked: [asked("PEER_BUSY", 0), asked("answers", 900)] },
  ],
  [
    "mirrors that are used together have the same file",
    mirrors({}, { isStale: true, latencyMs: 400 }),
    { peers: ["http://m0/file.bin", "http://m1/file.bin"] },
  ],
  [
    "mirrors that all answer at once are used with the bytes of the majority",
    mirrors({ isStale: true }, {}, {}),
    { peers: ["http://m0/file.bin"] },
  ],
];

describe("the laws of a discovery", () => {
  it("An honest discovery breaks no law", () => {
    for (const [, script] of doctored) expect(breachesOf(simulateDiscovery(script), script)).toEqual([]);
  });

  it.each(doctored)("A discovery in which '%s' does not hold is found out, %#", (law, script, lie) => {
    expect(breachesOf({ ...simulateDiscovery(script), ...lie }, script)).toContain(law);
  });

  it("All laws of a discovery are tried", () => {
    expect(new Set(doctored.map(([law]) => law))).toEqual(new Set(discoveryLaws.map(({ name }) => name)));
  });
});
