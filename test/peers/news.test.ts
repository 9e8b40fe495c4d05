import type { Observable } from "rxjs";
import { mergeAll, NEVER, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Lease } from "../../src/peers/LegInFlight.js";
import type { Peer } from "../../src/peers/Peer.js";
import { Bench } from "./bench.js";

/** A peer that gets chunks and says so. */
class Getting {
  readonly #chunks: Set<number>;
  readonly #changes = new Subject<void>();
  readonly peer: Peer;

  constructor(id: string, ...chunks: readonly number[]) {
    this.#chunks = new Set(chunks);
    const has = (chunk: number): boolean => this.#chunks.has(chunk);
    this.peer = { id, ranges: true, request: () => NEVER, isPartial: true, changes: this.#changes, has };
  }

  gets(...chunks: readonly number[]): void {
    for (const chunk of chunks) this.#chunks.add(chunk);
    this.#changes.next();
  }
}

/** A pool whose chunks are begun as they are admitted, each by a leg that lasts until it is told to end. */
function beginning(peers: readonly Getting[], chunks: readonly number[]) {
  const bench = new Bench({ maxPerPeer: 1, isSharing: true, random: () => 0 });
  bench.start(peers.map(({ peer }) => peer));
  const places = bench.pool.places(chunks)[Symbol.iterator]();
  const begun: number[] = [];
  const leases: Lease[] = [];
  const open = new Subject<Observable<never>>();
  open.pipe(mergeAll()).subscribe();
  bench.pool.admit.subscribe(() => {
    const place = places.next();
    if (place.done === true) return;
    const chunk = place.value();
    begun.push(chunk);
    open.next(NEVER.pipe(bench.pool.opened(chunk)));
    const free = peers.find(({ peer }) => peer.has?.(chunk) === true && bench.state(peer.id).inFlight === 0);
    if (free !== undefined) leases.push(bench.lease(free.peer.id, chunk));
  });
  bench.to(0);
  return { bench, begun, leases };
}

const turnsOf = ({ scheduler }: Bench): number => scheduler.actions.length;

describe("the news of peers", () => {
  it("A chunk that a free peer has got is begun at once", () => {
    const [a, b] = [new Getting("a", 0), new Getting("b")];
    const { bench, begun } = beginning([a, b], [0, 1]);
    expect(begun).toEqual([0]);
    b.gets(1);
    bench.to(1);
    expect(begun).toEqual([0, 1]);
  });

  it("A chunk in line is told to look again when somebody has got it", () => {
    const [a, b] = [new Getting("a", 0), new Getting("b")];
    const { bench } = beginning([a, b], [0]);
    let looked = 0;
    bench.pool.candidates(1).subscribe(() => {
      looked++;
      bench.pool.waitFor(1);
    });
    bench.to(1);
    expect(looked).toBe(1);
    b.gets(1);
    bench.to(2);
    expect(looked).toBe(2);
  });

  it("News of a peer that is full wakes nobody", () => {
    const [a, b] = [new Getting("a", 0), new Getting("b")];
    const { bench, begun } = beginning([a, b], [0, 1, 2]);
    expect(begun).toEqual([0]);
    const before = turnsOf(bench);
    a.gets(1);
    a.gets(2);
    expect(turnsOf(bench)).toBe(before);
    bench.to(1);
    expect(begun).toEqual([0]);
  });

  it("News of a free peer that has nothing to begin wakes nobody", () => {
    const [a, b] = [new Getting("a", 0), new Getting("b")];
    const { bench } = beginning([a, b], [0, 1]);
    const before = turnsOf(bench);
    b.gets(0);
    b.gets(7);
    expect(turnsOf(bench)).toBe(before);
  });

  it("A chunk that a full peer got is begun there when it has room", () => {
    const [a, b] = [new Getting("a", 0), new Getting("b")];
    const { bench, begun, leases } = beginning([a, b], [0, 1]);
    a.gets(1);
    bench.to(1);
    expect(begun).toEqual([0]);
    leases[0]?.received(1000);
    leases[0]?.delivered();
    bench.to(2);
    expect(begun).toEqual([0, 1]);
  });
});
