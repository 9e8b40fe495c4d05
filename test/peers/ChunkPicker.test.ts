import { EMPTY, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { poolConfig } from "../../src/download/poolConfig.js";
import { ChunkPicker } from "../../src/peers/ChunkPicker.js";
import type { Peer } from "../../src/peers/Peer.js";
import { unknownPeer } from "../../src/peers/PeerRecord.js";
import { PeerTable } from "../../src/peers/PeerTable.js";
import { PoolContext } from "../../src/peers/PoolContext.js";
import { PooledPeer } from "../../src/peers/PooledPeer.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";

/** A peer that has these chunks, and may get more; or all. */
function peerWith(id: string, chunks?: Set<number>, changes = new Subject<void>()): Peer {
  const partial = chunks && { has: (chunk: number) => chunks.has(chunk), isPartial: true, changes };
  return { id, ranges: true, request: () => EMPTY, ...partial };
}

function pickerOf(peers: readonly Peer[], isSharing = false) {
  const pool = new PoolContext(new VirtualClock(), poolConfig({}, 1000, { random: seededRandom(1), isSharing }));
  const table = new PeerTable();
  const pooled = peers.map((peer, order) => {
    const each = new PooledPeer(peer, order, unknownPeer, pool, () => undefined);
    table.add(each);
    each.offer.listed(peer);
    return each;
  });
  return { picker: new ChunkPicker(pool, table), pooled };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, chunk) => chunk);

describe("the choice of the next chunk", () => {
  it("Chunks of peers that have everything are begun in the order of the file, and no further than they are wanted", () => {
    const { picker, pooled } = pickerOf([peerWith("a"), peerWith("b")]);
    let drawn = 0;
    const chunks = function* () {
      for (const chunk of upTo(1000)) yield (drawn++, chunk);
    };
    const places = picker.places(chunks(), () => pooled)[Symbol.iterator]();
    const first = upTo(3).map(() => places.next().value?.());
    expect(first).toEqual([0, 1, 2]);
    expect(drawn).toBe(3);
  });

  it("The rarest chunk is begun first, after one by chance", () => {
    const common = new Set(upTo(100).filter((chunk) => chunk !== 7 && chunk !== 70));
    const { picker, pooled } = pickerOf([peerWith("a"), peerWith("b", common), peerWith("c", common)]);
    const begun = Array.from(
      picker.places(upTo(100), () => pooled),
      (place) => place(),
    );
    expect(new Set(begun).size).toBe(100);
    expect(new Set(begun.slice(0, 3))).toContain(7);
    expect(new Set(begun.slice(0, 3))).toContain(70);
  });

  it("A downloader that shares what it gets begins chunks of one origin by chance", () => {
    const { picker, pooled } = pickerOf([peerWith("origin")], true);
    const begun = Array.from(
      picker.places(upTo(50), () => pooled),
      (place) => place(),
    );
    expect([...begun].sort((a, b) => a - b)).toEqual(upTo(50));
    expect(begun).not.toEqual(upTo(50));
  });

  it("A chunk that others are getting from a peer is left to them while it offers another one", () => {
    const asked = new Set(upTo(50).filter((chunk) => chunk % 2 === 0));
    const origin: Peer = { ...peerWith("origin"), isAsked: (chunk) => asked.has(chunk) };
    const { picker, pooled } = pickerOf([origin], true);
    const [peer] = pooled;
    if (peer === undefined) throw new Error("no peer");
    const places = picker.places(upTo(50), () => pooled)[Symbol.iterator]();
    const begin = (): number => (places.next().value as () => number)();
    const own = Array.from({ length: 25 }, begin);
    expect(own.filter((chunk) => asked.has(chunk))).toEqual([]);
    expect(picker.offers(peer)).toBe(false);
    expect(picker.wants(peer)).toBe(true);
    expect(asked.has(begin())).toBe(true);
  });

  it("A chunk that others are getting counts as had by one more", () => {
    const asked = new Set(upTo(50).filter((chunk) => chunk !== 7));
    const origin: Peer = { ...peerWith("origin"), isAsked: (chunk) => asked.has(chunk) };
    const { picker, pooled } = pickerOf([origin, peerWith("b", new Set(upTo(50)))], true);
    const places = picker.places(upTo(50), () => pooled)[Symbol.iterator]();
    const begun = Array.from({ length: 2 }, () => (places.next().value as () => number)());
    expect(begun).toContain(7);
  });

  it("A chunk that nobody has who is free is not offered, until somebody gets it", () => {
    const mine = new Set([0]);
    const changes = new Subject<void>();
    const { picker, pooled } = pickerOf([peerWith("a", mine, changes)]);
    const [peer] = pooled;
    const places = picker.places([0, 1], () => pooled)[Symbol.iterator]();
    if (peer === undefined) throw new Error("no peer");
    const place = places.next().value as () => number;
    expect(picker.offers(peer)).toBe(true);
    expect(place()).toBe(0);
    expect(picker.offers(peer)).toBe(false);
    mine.add(1);
    changes.next();
    expect(picker.offers(peer)).toBe(true);
    expect((places.next().value as () => number)()).toBe(1);
  });
});
