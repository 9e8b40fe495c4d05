import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Lease } from "../../src/peers/LegInFlight.js";
import { Bench, peerNamed } from "./bench.js";

const blacklist = (bench: Bench, id: string): void => {
  for (let i = 0; i < 3; i++) bench.fail(id);
};

/** A chunk that asks whoever it can, as soon as it can. */
const asking = (bench: Bench, chunk: number) => {
  const asked: string[] = [];
  const subscription = bench.seeking(chunk, ({ id }) => {
    asked.push(id);
    return false;
  });
  return { asked, subscription };
};

describe("when all peers are blacklisted", () => {
  it("When all peers are blacklisted, the one whose time ends first is asked early, and an event says so", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B")]);
    blacklist(bench, "B");
    bench.to(1000);
    blacklist(bench, "A");
    const { asked } = asking(bench, 0);
    bench.to(1001);
    expect(asked).toEqual(["B"]);
    expect(bench.told.at(-1)).toEqual({
      type: "peer-blacklisted",
      peer: "B",
      code: "CONNECTION_LOST",
      failures: 3,
      untilMs: 300_000,
      probing: true,
      at: 1000,
    });
  });

  it("A peer that is asked early again and again is told as such once, and its blacklisting once for each kind of failure, until it answers", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    blacklist(bench, "A");
    asking(bench, 0);
    const probe = (atMs: number): Lease => {
      bench.pool.waitFor(0);
      bench.to(atMs);
      return bench.lease("A");
    };
    for (const at of [1, 10, 20]) probe(at).failed(new DownloadError("CONNECTION_LOST", "as told"));
    probe(30).failed(new DownloadError("TIMEOUT", "as told"));
    probe(40).failed(new DownloadError("CONNECTION_LOST", "as told"));
    const news = () =>
      bench.told.flatMap((each) =>
        each.type === "peer-blacklisted" && each.again !== true
          ? [`${each.at} ${each.probing ? "early" : each.code}`]
          : [],
      );
    expect(news()).toEqual(["0 CONNECTION_LOST", "0 early", "30 TIMEOUT"]);
    expect(bench.told.filter(({ type }) => type === "peer-blacklisted")).toHaveLength(11);
    const answering = probe(50);
    answering.received(20_000);
    answering.broken(new DownloadError("CONNECTION_LOST", "as told"));
    probe(60).failed(new DownloadError("CONNECTION_LOST", "as told"));
    probe(70);
    expect(news().slice(3)).toEqual(["60 CONNECTION_LOST", "60 early"]);
  });

  it("When all peers are blacklisted, there is one early leg for the whole pool", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B")]);
    blacklist(bench, "A");
    blacklist(bench, "B");
    const first = asking(bench, 0);
    bench.to(1);
    const probe = bench.lease("A", 0);
    const second = asking(bench, 1);
    bench.to(5000);
    expect([first.asked, second.asked]).toEqual([["A"], []]);
    probe.failed(new DownloadError("TIMEOUT", "again"));
    bench.to(5001);
    expect(second.asked).toEqual(["B"]);
  });

  it("When all peers are blacklisted, nobody is asked early while nobody is wanted", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    blacklist(bench, "A");
    bench.to(10_000);
    expect(bench.state("A").health.state).toBe("open");
  });

  it("When all peers are blacklisted, a new chunk may start on the probe, if none is open", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    blacklist(bench, "A");
    let admitted = 0;
    bench.pool.admit.subscribe(() => admitted++);
    expect(admitted).toBe(1);
  });

  it("When all others are blacklisted, a busy peer is waited for instead", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B")]);
    blacklist(bench, "A");
    bench.fail("B", "PEER_BUSY");
    const { asked } = asking(bench, 0);
    bench.to(999);
    expect(asked).toEqual([]);
    bench.to(1000);
    expect(asked).toEqual(["B"]);
  });

  it("When all peers are blacklisted, the legs that one of them still has are waited for", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.deliver("A");
    bench.deliver("A");
    const leg = bench.lease("A", 7);
    blacklist(bench, "A");
    const { asked } = asking(bench, 0);
    bench.to(5000);
    expect(asked).toEqual([]);
    leg.cancelled();
    bench.to(5000);
    expect(asked).toEqual(["A"]);
  });
});

describe("when all peers that have a chunk are blacklisted", () => {
  it("When all peers that have a chunk are blacklisted, one of them is asked early, though others are at hand for other chunks", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B", (chunk) => chunk !== 0)]);
    blacklist(bench, "A");
    const { asked } = asking(bench, 0);
    bench.to(1);
    expect(asked).toEqual(["A"]);
  });
});

describe("quarantine", () => {
  it("Quarantine is absolute: nobody is asked early then", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    bench.pool.quarantine("A", new DownloadError("CHECKSUM_MISMATCH", "lied"));
    const { asked } = asking(bench, 0);
    bench.to(299_999);
    expect(asked).toEqual([]);
    expect(bench.state("A").health).toEqual({ state: "quarantined", code: "CHECKSUM_MISMATCH" });
  });

  it("Quarantine outlasts everything that a late leg may tell, a blacklist that ends, and a return", () => {
    const bench = new Bench();
    bench.start([peerNamed("A"), peerNamed("B")]);
    bench.deliver("A");
    const late = bench.lease("A", 1);
    blacklist(bench, "A");
    bench.fail("A", "INVALID_CHUNK");
    late.failed(new DownloadError("PEER_BUSY", "later"));
    bench.source.next([peerNamed("B")]);
    bench.source.next([peerNamed("A"), peerNamed("B")]);
    bench.to(400_000);
    expect(bench.canBeAsked()).toEqual(["B"]);
    bench.pool.quarantine("A", new DownloadError("CHECKSUM_MISMATCH", "again"));
    bench.pool.quarantine("nobody", new DownloadError("CHECKSUM_MISMATCH", "again"));
    expect(bench.events("peer-quarantined")).toHaveLength(1);
  });

  it("Quarantine cuts the peer's legs, whose chunks are told that it is out, and why", () => {
    const bench = new Bench();
    bench.start([peerNamed("A")]);
    const cuts: unknown[] = [];
    bench.lease("A").cut.subscribe((error) => cuts.push(error));
    const cause = new DownloadError("CHECKSUM_MISMATCH", "chunk 3 is wrong");
    bench.pool.quarantine("A", cause);
    expect(cuts).toMatchObject([
      { code: "CHECKSUM_MISMATCH", message: "A is not asked any more: chunk 3 is wrong", cause },
    ]);
  });
});
