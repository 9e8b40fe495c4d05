import { describe, expect, it } from "vitest";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "../../src/download/DownloadEvent.js";
import type { SwarmConfig, SwarmRun } from "../../src/testing/simulateSwarm.js";
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";

const kib = 1024;
const chunkBytes = 256 * kib;

type Scene = Partial<SwarmConfig> & Pick<SwarmConfig, "peers" | "chunks">;

function run(scene: Scene) {
  const swarm = simulateSwarm({ seed: 1, chunkBytes, ...scene });
  const of = <Type extends DownloadEventType>(type: Type) =>
    swarm.events.filter((event: DownloadEvent): event is DownloadEventOf<Type> => event.type === type);
  return { ...swarm, of };
}

/** Second legs as "chunk: primary > backup reason at". */
const hedges = ({ of }: ReturnType<typeof run>): readonly string[] =>
  of("hedge-started").map(
    ({ chunk, primary, backup, reason, at }) => `${chunk}: ${primary} > ${backup} ${reason} ${at}`,
  );

const waste = ({ account }: SwarmRun): number => Object.values(account?.waste ?? {}).reduce((sum, n) => sum + n, 0);

describe("a first byte that is late", () => {
  const slow = { id: "A", bytesPerSecond: 1e6, roundTripMs: 9000 };
  const swift = { id: "B", bytesPerSecond: 1e6, roundTripMs: 20 };

  it("A first byte that is late brings a second leg on another peer at 2 s, and the first byte decides", () => {
    const told = run({ peers: [slow, swift], chunks: 1 });
    expect(hedges(told)).toEqual(["0: A > B slow-first-byte 2000"]);
    expect(told.of("chunk-verified")[0]?.peers).toEqual({ B: chunkBytes });
    expect([told.account?.retries, waste(told), told.outcome]).toEqual([{}, 0, "completed"]);
    expect(told.of("attempt-failed")).toEqual([]);
  });

  it("A first byte that is late brings no second leg where parallel retries are off, or nobody else is there", () => {
    expect(hedges(run({ peers: [slow, swift], chunks: 1, config: { parallelRetries: false } }))).toEqual([]);
    expect(hedges(run({ peers: [slow], chunks: 1 }))).toEqual([]);
    expect(hedges(run({ peers: [slow, swift], chunks: 1, config: { strictPermanent: true } }))).toEqual([]);
  });

  it("A first byte that is late brings no second leg where no slot is free", () => {
    const config = { retry: { maxConcurrentChunks: 1 } };
    expect(hedges(run({ peers: [slow, swift], chunks: 1, config }))).toEqual([]);
  });
});

describe("a leg that dies", () => {
  it("A leg that dies is replaced at once by another peer, from the frontier, and uses no retry", () => {
    const told = run({
      peers: [
        { id: "A", bytesPerSecond: 1e6, lossesAtMs: [200], refusals: [{ fromMs: 100, code: "CONNECTION_REFUSED" }] },
        { id: "B", bytesPerSecond: 1e6 },
      ],
      chunks: 1,
    });
    expect(hedges(told)).toEqual(["0: A > B dead 200"]);
    const [first, second] = told.of("attempt-started");
    expect([first?.leg, second?.leg, first?.attempt, second?.attempt]).toEqual([0, 1, 0, 0]);
    expect(second?.offset).toBe(told.of("attempt-failed")[0]?.received);
    expect(told.of("attempt-failed")).toMatchObject([{ peer: "A", leg: 0, code: "CONNECTION_LOST", continued: true }]);
    expect(told.account).toMatchObject({ received: chunkBytes, retries: {}, continuations: 1, hedges: { dead: 1 } });
  });

  it("An attempt with all legs that died is one failed attempt", () => {
    const refusals = [{ untilMs: 500, code: "PEER_UNAVAILABLE" as const }];
    const told = run({
      peers: [
        { id: "A", bytesPerSecond: 1e6, refusals },
        { id: "B", bytesPerSecond: 1e6, refusals },
      ],
      chunks: 1,
    });
    expect(told.of("attempt-failed").map(({ peer, leg, continued }) => [peer, leg, continued])).toEqual([
      ["A", 0, true],
      ["B", 1, false],
    ]);
    expect(told.of("retry-scheduled")).toMatchObject([{ retry: 1, delayMs: 1000 }]);
    expect(told.outcome).toBe("completed");
  });

  it("A leg that dies costs as a retry where it brought nothing: with no retries left in all it is not replaced", () => {
    const told = run({
      peers: [
        { id: "A", bytesPerSecond: 1e6, refusals: [{ code: "PEER_UNAVAILABLE" }] },
        { id: "B", bytesPerSecond: 1e6 },
      ],
      chunks: 1,
      config: { retry: { maxTotalRetries: 0 } },
    });
    expect(hedges(told)).toEqual([]);
    expect(told.error?.code).toBe("RETRY_BUDGET_EXHAUSTED");
  });
});

describe("a leg that falls silent", () => {
  it("A leg that falls silent is given up after 2 s until the gaps of its peer are known, and blamed on it only if it brought little", () => {
    const told = run({
      peers: [
        {
          id: "A",
          bytesPerSecond: [
            { atMs: 0, bytesPerSecond: 1e6 },
            { atMs: 120, bytesPerSecond: 0 },
            { atMs: 2100, bytesPerSecond: 1e6 },
          ],
        },
      ],
      chunks: 1,
    });
    const [failed] = told.of("attempt-failed");
    expect(failed).toMatchObject({ code: "STALLED", received: 65_536, continued: true });
    expect(failed?.at).toBeGreaterThanOrEqual(2000);
    expect(told.account).toMatchObject({ retries: {}, received: chunkBytes });
  });

  it("A leg that falls silent is continued by a free peer long before that, when nothing else is to start", () => {
    const told = run({
      peers: [
        {
          id: "A",
          bytesPerSecond: [
            { atMs: 0, bytesPerSecond: 4e6 },
            { atMs: 500, bytesPerSecond: 0 },
          ],
        },
        { id: "B", bytesPerSecond: 4e6 },
      ],
      chunks: 40,
    });
    const alone = run({ peers: [{ id: "B", bytesPerSecond: 4e6 }], chunks: 40 });
    expect(told.outcome).toBe("completed");
    expect(told.makespanMs).toBeLessThan(alone.makespanMs + 500);
    expect(waste(told)).toBeLessThan(0.02 * 40 * chunkBytes);
  });
});

describe("a leg far below what its peer usually brings", () => {
  const peers = [
    {
      id: "A",
      bytesPerSecond: [
        { atMs: 0, bytesPerSecond: 2e6 },
        { atMs: 3000, bytesPerSecond: 100_000 },
        { atMs: 20_000, bytesPerSecond: 2e6 },
      ],
      pieceBytes: 4096,
    },
  ];

  it("A leg far below what its peer usually brings is stopped after 1.5 s, whoever else is there, and goes on from its frontier", () => {
    const told = run({ peers, chunks: 60 });
    const stalled = told.of("attempt-failed");
    expect(stalled.length).toBeGreaterThan(0);
    expect(stalled[0]).toMatchObject({
      code: "STALLED",
      message: expect.stringContaining("less than a tenth") as string,
    });
    expect(stalled[0]?.at).toBeGreaterThanOrEqual(4500);
    expect(stalled[0]?.at).toBeLessThanOrEqual(5500);
    expect(stalled[0]?.continued).toBe(true);
    expect(told.account?.received).toBe(60 * chunkBytes);
  });

  it("A slow leg is left alone where parallel retries are off", () => {
    expect(run({ peers, chunks: 60, config: { parallelRetries: false } }).of("attempt-failed")).toEqual([]);
  });
});

describe("with every slot taken", () => {
  it("With every slot taken, the slowest leg goes to an idle peer that is twice as fast", () => {
    const told = run({
      peers: [
        { id: "slow", bytesPerSecond: 30_000, pieceBytes: 4096, away: [{ untilMs: 600 }] },
        { id: "fast", bytesPerSecond: 1e6, away: [{ fromMs: 700, untilMs: 3000 }] },
      ],
      chunks: 4,
      config: { retry: { maxConcurrentChunks: 1 } },
      endless: true,
    });
    const [started] = told.of("hedge-started");
    expect(started).toMatchObject({ primary: "slow", backup: "fast", reason: "take-over" });
    expect(started?.at).toBeGreaterThanOrEqual(3000);
    expect(started?.at).toBeLessThanOrEqual(3500);
    expect(told.of("attempt-failed")).toEqual([]);
    expect([told.outcome, told.mostLegs, waste(told)]).toEqual(["completed", 1, 0]);
    expect(told.of("peer-blacklisted")).toEqual([]);
  });
});

describe("with every slot taken, and the best peer at work", () => {
  it("With every slot taken, and the best peer at work, the slowest leg goes to the peer that is idle", () => {
    const told = run({
      peers: [
        { id: "slow", bytesPerSecond: 20_000, pieceBytes: 4096, away: [{ untilMs: 3400 }] },
        { id: "best", bytesPerSecond: 4e6, roundTripMs: 400 },
        { id: "idle", bytesPerSecond: 300_000, away: [{ fromMs: 4000, untilMs: 6000 }] },
      ],
      chunks: 40,
      config: { retry: { maxConcurrentChunks: 2 } },
      endless: true,
    });
    const [started] = told.of("hedge-started");
    expect(started).toMatchObject({ primary: "slow", backup: "idle", reason: "take-over" });
    expect(started?.at).toBeLessThanOrEqual(6500);
  });
});

describe("the end of a download", () => {
  const peers = [
    { id: "slow", bytesPerSecond: 60_000, roundTripMs: 50 },
    { id: "fast", bytesPerSecond: 1e6, roundTripMs: 50 },
  ];

  it("The end of a download does not wait for the slow: free peers continue their chunks, at nearly no cost", () => {
    const told = run({ peers, chunks: 40 });
    const ideal = (1000 * 40 * chunkBytes) / 1_060_000;
    expect(told.makespanMs).toBeLessThan(1.15 * ideal);
    expect(told.of("hedge-started").some(({ reason }) => reason === "take-over" || reason === "end-game")).toBe(true);
    expect(waste(told)).toBeLessThan(0.02 * 40 * chunkBytes);
    expect(run({ peers, chunks: 40, config: { parallelRetries: false } }).makespanMs).toBeGreaterThan(
      told.makespanMs + 2000,
    );
  });

  it("In the end of a download no more than two peers are at a chunk, none twice in an attempt, and nobody loses its reputation", () => {
    const told = run({ peers: [...peers, { id: "other", bytesPerSecond: 300_000 }], chunks: 40 });
    const asked = new Set<string>();
    for (const { chunk, attempt, peer } of told.of("attempt-started")) {
      const key = `${chunk} ${attempt} ${peer}`;
      expect(asked.has(key)).toBe(false);
      asked.add(key);
    }
    expect(told.of("peer-blacklisted")).toEqual([]);
    expect(told.of("attempt-failed")).toEqual([]);
  });
});

describe("a take-over from a peer whose first byte is late", () => {
  it("A take-over by a fast peer is not ended by the late first byte of the slow one, which brings bytes until then", () => {
    const told = run({
      peers: [
        { id: "slow", bytesPerSecond: 20_000, roundTripMs: 50 },
        { id: "fast", bytesPerSecond: 4e6, roundTripMs: 600 },
      ],
      chunks: 16,
    });
    const [takenOver, ...others] = told.of("hedge-started");
    expect(takenOver).toMatchObject({ primary: "slow", backup: "fast", reason: "take-over" });
    expect(others).toEqual([]);
    expect(told.of("attempt-cancelled").map(({ peer, received }) => [peer, received])).toEqual([["slow", 65_536]]);
    expect(told.outcome).toBe("completed");
    expect(told.makespanMs).toBeLessThan(3600);
  });
});
