import { describe, expect, it } from "vitest";
import type { Peer } from "../../src/peers/Peer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { manifestOf, openEnded, play, plainOf, someBytes } from "../download/swarm.js";
import { Bench, peerNamed } from "./bench.js";

const wholeOnly = (id: string): Peer => ({ ...peerNamed(id), ranges: false });

function benchOf(...peers: readonly Peer[]): Bench {
  const bench = new Bench();
  bench.start(peers);
  return bench;
}

const blacklist = (bench: Bench, id: string): void => {
  for (let i = 0; i < 3; i++) bench.fail(id);
};

describe("a peer that gives only the whole", () => {
  it("is asked when it is alone, for one range at a time", () => {
    const bench = benchOf(wholeOnly("W"));
    expect(bench.canBeAsked()).toEqual(["W"]);
    bench.deliver("W");
    bench.deliver("W");
    const lease = bench.lease("W");
    expect(bench.canBeAsked()).toEqual([]);
    lease.delivered();
    expect(bench.canBeAsked()).toEqual(["W"]);
  });

  it("waits while another is well, also while that one is at work or busy for a moment", () => {
    const bench = benchOf(wholeOnly("W"), peerNamed("A"));
    expect(bench.canBeAsked()).toEqual(["A"]);
    const lease = bench.lease("A");
    expect(bench.canBeAsked()).toEqual([]);
    lease.failed(new DownloadError("PEER_BUSY", "later"));
    expect(bench.canBeAsked()).toEqual([]);
  });

  it.each<[string, (bench: Bench) => void]>([
    ["blacklisted", (bench) => blacklist(bench, "A")],
    ["excluded", (bench) => bench.fail("A", "FILE_NOT_FOUND")],
    ["quarantined", (bench) => bench.fail("A", "PROTOCOL_ERROR")],
    ["gone", (bench) => bench.source.next([wholeOnly("W")])],
    ["found to give only the whole too", (bench) => bench.source.next([wholeOnly("W"), wholeOnly("A")])],
  ])("is asked once the other is %s", (_name, lose) => {
    const bench = benchOf(wholeOnly("W"), peerNamed("A"));
    lose(bench);
    expect(bench.canBeAsked()).toContain("W");
  });

  it("is asked while the other is busy for long", () => {
    const bench = benchOf(wholeOnly("W"), peerNamed("A"));
    bench.lease("A").failed(new DownloadError("PEER_BUSY", "later", { retryAfterMs: 60_000 }));
    expect(bench.canBeAsked()).toEqual(["W"]);
    bench.to(60_000);
    expect(bench.canBeAsked()).toEqual(["A"]);
  });

  it("waits again when the other is back, or turns out to serve ranges", () => {
    const bench = benchOf(wholeOnly("W"), peerNamed("A"));
    blacklist(bench, "A");
    bench.to(300_000);
    expect(bench.canBeAsked()).toEqual(["A"]);
    bench.source.next([wholeOnly("W"), wholeOnly("A")]);
    bench.source.next([wholeOnly("W"), peerNamed("A")]);
    expect(bench.canBeAsked()).toEqual(["A"]);
    bench.source.next([peerNamed("W"), peerNamed("A")]);
    expect(bench.canBeAsked()).toContain("W");
  });

  it("is asked for what the others do not have", () => {
    const bench = benchOf(
      wholeOnly("W"),
      peerNamed("A", (chunk) => chunk === 0),
      peerNamed("B"),
    );
    bench.fail("B", "CHUNK_NOT_AVAILABLE", 1);
    expect([0, 1].map((chunk) => bench.canBeAsked(chunk))).toEqual([["B", "A"].toSorted(), ["W"]]);
  });

  it("is offered to a chunk that waits, as soon as nobody else is well", () => {
    const bench = benchOf(wholeOnly("W"), peerNamed("A"));
    const offers: string[][] = [];
    const legs = [bench.lease("A"), bench.lease("A", 1), bench.lease("A", 2)];
    bench.pool.candidates(5).subscribe((peers) => offers.push([...peers].map(({ id }) => id)));
    bench.to(1);
    expect(offers).toEqual([[]]);
    for (const leg of legs) leg.failed(new DownloadError("CONNECTION_LOST", "gone"));
    bench.to(2);
    expect(offers.at(-1)).toEqual(["W"]);
  });
});

describe("a download from peers of both kinds", () => {
  const file = someBytes(10_000);

  it("takes from the whole stream nothing while the others do", () => {
    const whole = scriptedPeer("W", file, { ranges: false });
    const told = play(() => [whole, scriptedPeer("A", file)], { manifest: plainOf(file, 1000) });
    expect(told.completed).toBe(true);
    expect(told.of("attempt-started").every(({ peer }) => peer === "A")).toBe(true);
  });

  it("takes from it what a partial peer lacks", async () => {
    const whole = scriptedPeer("W", file, { ranges: false });
    const partial = scriptedPeer("A", file, { has: (chunk) => chunk !== 5 });
    const told = play(() => openEnded([whole, partial]), { manifest: await manifestOf(file, 1000) });
    expect(told.completed).toBe(true);
    expect(told.of("attempt-started").filter(({ peer }) => peer === "W")).toMatchObject([{ chunk: 5 }]);
  });

  it("is finished by it when the others are lost", async () => {
    const whole = scriptedPeer("W", file, { ranges: false });
    const dying = scriptedPeer("A", file, { diesAfterBytes: 3500 });
    const told = play(() => openEnded([whole, dying]), { manifest: await manifestOf(file, 1000) });
    expect(told.completed).toBe(true);
    expect(told.endedAt).toBeLessThan(60_000);
  });

  it("is finished by it when the others are always busy", async () => {
    const whole = scriptedPeer("W", file, { ranges: false });
    const busy = scriptedPeer("A", file, { refuseWith: "PEER_BUSY" });
    const told = play(() => openEnded([whole, busy]), { manifest: await manifestOf(file, 1000) });
    expect(told.completed).toBe(true);
    expect(told.endedAt).toBeLessThan(60_000);
  });
});
