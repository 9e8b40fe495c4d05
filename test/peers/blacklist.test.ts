import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { Bench, peerNamed } from "./bench.js";

const two = (): Bench => {
  const bench = new Bench();
  bench.start([peerNamed("A"), peerNamed("B")]);
  return bench;
};

describe("a peer that fails", () => {
  it("A peer is blacklisted at its third failure in a row, over all chunks", () => {
    const bench = two();
    bench.fail("A", "TIMEOUT", 1);
    bench.fail("A", "CONNECTION_RESET", 2);
    expect(bench.canBeAsked()).toContain("A");
    bench.fail("A", "CONNECTION_LOST", 3);
    expect(bench.canBeAsked()).toEqual(["B"]);
    expect(bench.events("peer-blacklisted")).toEqual([
      { type: "peer-blacklisted", peer: "A", code: "CONNECTION_LOST", failures: 3, untilMs: 300_000, at: 0 },
    ]);
  });

  it("A peer is not blacklisted when something was delivered between its failures", () => {
    const bench = two();
    for (let round = 0; round < 5; round++) {
      bench.fail("A");
      bench.fail("A");
      bench.deliver("A");
    }
    expect(bench.events("peer-blacklisted")).toEqual([]);
    expect(bench.state("A").record).toMatchObject({ ok: 5, failed: 10, failures: 0 });
  });

  it("A dropped socket with four legs counts as one failure", () => {
    const bench = two();
    bench.deliver("A");
    bench.deliver("A");
    const legs = [1, 2, 3, 4].map((chunk) => bench.lease("A", chunk));
    const dropped = new DownloadError("CONNECTION_LOST", "socket closed");
    for (const leg of legs) leg.failed(dropped);
    expect(bench.state("A").record).toMatchObject({ failed: 1, failures: 1 });
    expect(bench.canBeAsked()).toContain("A");
  });

  it("A blacklisted peer comes back at exactly 300 s, half-open: one probe at a time", () => {
    const bench = two();
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(299_999);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.to(300_000);
    expect(bench.state("A").health).toEqual({ state: "half-open", code: "CONNECTION_LOST" });
    expect(bench.canBeAsked()).toContain("A");
    const probe = bench.lease("A");
    expect(bench.canBeAsked()).toEqual(["B"]);
    probe.delivered();
    expect(bench.state("A").health).toEqual({ state: "healthy" });
    expect(bench.events("peer-restored")).toEqual([{ type: "peer-restored", peer: "A", at: 300_000 }]);
    expect(bench.pool.records["A"]).not.toHaveProperty("blacklistedUntil");
  });

  it("A peer is blacklisted again at once when its probe fails", () => {
    const bench = two();
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(300_000);
    bench.fail("A", "TIMEOUT");
    expect(bench.state("A").health).toEqual({ state: "open", untilMs: 600_000, code: "TIMEOUT" });
    bench.to(600_000);
    expect(bench.state("A").health.state).toBe("half-open");
  });

  it("A peer may be probed again after a probe that was lost, for a probe ends with its leg", () => {
    const bench = two();
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(300_000);
    const probe = bench.lease("A");
    probe.cancelled();
    expect(bench.canBeAsked()).toContain("A");
    bench.lease("A").broken(new DownloadError("CONNECTION_LOST", "as told"));
    expect(bench.canBeAsked()).toContain("A");
    expect(bench.state("A").health.state).toBe("half-open");
  });

  it("A blacklisted peer is not put off further by the legs that it still had", () => {
    const bench = two();
    bench.deliver("A");
    for (let i = 0; i < 4; i++) bench.deliver("A");
    const late = [bench.lease("A", 1), bench.lease("A", 2)];
    for (let i = 0; i < 3; i++) bench.fail("A");
    bench.to(1000);
    late[0]?.failed(new DownloadError("TIMEOUT", "late"));
    expect(bench.state("A").health).toMatchObject({ state: "open", untilMs: 300_000 });
    late[1]?.delivered();
    expect(bench.state("A").health).toMatchObject({ state: "open", untilMs: 300_000 });
    expect(bench.pool.records["A"]?.blacklistedUntil).toBe(300_000);
  });

  it("A leg that was cancelled, or broke after progress, does nothing to the peer's record", () => {
    const bench = two();
    bench.lease("A").cancelled();
    bench.lease("A").broken(new DownloadError("CONNECTION_LOST", "as told"));
    expect(bench.state("A").record).toMatchObject({ ok: 0, failed: 0, failures: 0 });
  });

  it("Only the first end of a lease is heard", () => {
    const bench = two();
    const lease = bench.lease("A");
    lease.failed(new DownloadError("TIMEOUT", "late"));
    lease.delivered();
    lease.cancelled();
    expect(bench.state("A")).toMatchObject({ inFlight: 0, record: { ok: 0, failed: 1 } });
  });
});

describe("a blacklist of an earlier run", () => {
  const record = { ok: 1, failed: 3, failures: 3 };

  it("A blacklist of an earlier run keeps its absolute end", () => {
    const bench = new Bench({}, { A: { ...record, blacklistedUntil: 5000 } });
    bench.start([peerNamed("A"), peerNamed("B")]);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.to(5000);
    expect(bench.canBeAsked()).toContain("A");
    expect(bench.state("A").health.state).toBe("half-open");
  });

  it("A blacklist of an earlier run never lasts longer than a new one would", () => {
    const bench = new Bench({ blacklistMs: 10_000 }, { A: { ...record, blacklistedUntil: 9e12 } });
    bench.start([peerNamed("A"), peerNamed("B")]);
    bench.to(9999);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.to(10_000);
    expect(bench.canBeAsked()).toContain("A");
  });

  it("A blacklist of an earlier run says what it is for, as it did then; one of an older record does not know", () => {
    const until = { ...record, blacklistedUntil: 5000 };
    const bench = new Bench({}, { A: { ...until, blacklistedFor: "CONNECTION_REFUSED" }, B: until });
    bench.start([peerNamed("A"), peerNamed("B")]);
    expect(bench.told.filter(({ type }) => type === "peer-blacklisted")).toMatchObject([
      { peer: "A", code: "CONNECTION_REFUSED", untilMs: 5000 },
      { peer: "B", code: "UNKNOWN" },
    ]);
  });

  it("A blacklist of an earlier run is forgotten, with its reason, when the peer delivers again", () => {
    const bench = new Bench({}, { A: { ...record, blacklistedUntil: 5000, blacklistedFor: "TIMEOUT" } });
    bench.start([peerNamed("A"), peerNamed("B")]);
    bench.to(5000);
    bench.deliver("A");
    expect(bench.pool.records["A"]).toEqual({
      ...{ ok: 2, failed: 3, failures: 0, heardAt: 5000 },
    });
  });

  it("A blacklist of an earlier run is over when its time has passed", () => {
    const bench = new Bench({}, { A: { ...record, blacklistedUntil: 0 } });
    bench.start([peerNamed("A")]);
    expect(bench.state("A").health.state).toBe("healthy");
  });
});

describe("a peer that could not be trusted", () => {
  const lied = new DownloadError("CHECKSUM_MISMATCH", "wrong");

  it("A peer that could not be trusted is marked for the next run, with a failure more", () => {
    const bench = two();
    bench.deliver("A");
    bench.pool.quarantine("A", lied);
    bench.pool.verified("A");
    expect(bench.pool.records["A"]).toMatchObject({ ok: 1, failed: 1, quarantinedFor: "CHECKSUM_MISMATCH" });
  });

  it("A peer that could not be trusted is asked in the next run all the same, and loses the mark with its first right bytes", () => {
    const marked = { ok: 1, failed: 1, failures: 0, quarantinedFor: "CHECKSUM_MISMATCH" } as const;
    const bench = new Bench({}, { A: marked });
    bench.start([peerNamed("A")]);
    expect(bench.canBeAsked()).toEqual(["A"]);
    bench.lease("A").delivered();
    expect(bench.pool.records["A"]).toMatchObject({ quarantinedFor: "CHECKSUM_MISMATCH" });
    bench.pool.verified("A");
    expect(bench.pool.records["A"]).not.toHaveProperty("quarantinedFor");
  });
});

describe("the time when a peer was heard last", () => {
  it("The time when a peer was heard last is that of the last end of a leg that brought something or failed, not of one that we stopped", () => {
    const bench = two();
    expect(bench.pool.records["A"]).not.toHaveProperty("heardAt");
    bench.to(100);
    bench.fail("A");
    bench.to(200);
    bench.lease("A").cancelled();
    expect(bench.pool.records["A"]?.heardAt).toBe(100);
    bench.to(300);
    const lease = bench.lease("A");
    lease.received(10);
    lease.cancelled();
    expect(bench.pool.records["A"]?.heardAt).toBe(300);
    expect(bench.pool.records["B"]).not.toHaveProperty("heardAt");
  });
});
