import type { Observable, Subscription } from "rxjs";
import { NEVER, Subject, VirtualTimeScheduler } from "rxjs";
import { expect } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import type { Lease } from "../../src/peers/LegInFlight.js";
import type { Peer } from "../../src/peers/Peer.js";
import { PeerPool } from "../../src/peers/PeerPool.js";
import type { PeerRecord } from "../../src/peers/PeerRecord.js";
import type { PoolConfig } from "../../src/peers/PoolConfig.js";
import type { PoolEvent } from "../../src/peers/PoolEvent.js";
import type { PoolMember } from "../../src/peers/PooledPeer.js";

export const poolDefaults: PoolConfig = {
  maxConcurrent: 8,
  maxPerPeer: 8,
  failureThreshold: 3,
  blacklistMs: 300_000,
  requestsPerSecond: 20,
  peerWaitMs: 300_000,
  longestBusyMs: 300_000,
  chunkBytes: 100_000,
};

const anybody = { last: undefined, stay: false, avoid: new Set<Peer>(), never: new Set<Peer>() };

export const peerNamed = (id: string, has?: (chunk: number) => boolean): Peer => ({
  id,
  ranges: true,
  request: () => NEVER,
  ...(has && { has }),
});

/** A pool in virtual time, its peers, and all that it told; `at` counts from the start. */
export class Bench {
  readonly scheduler = new VirtualTimeScheduler(undefined, 0);
  readonly source = new Subject<readonly Peer[]>();
  readonly told: (PoolEvent & { readonly at: number })[] = [];
  readonly pool: PeerPool;
  error: unknown;

  constructor(config: Partial<PoolConfig> = {}, records: Readonly<Record<string, PeerRecord>> = {}) {
    this.pool = new PeerPool({ scheduler: this.scheduler, records }, { ...poolDefaults, ...config });
  }

  start(peers: readonly Peer[] = [], source: Observable<readonly Peer[]> = this.source) {
    const running = this.pool.run(source).subscribe({
      next: (event) => this.told.push({ ...event, at: this.scheduler.now() }),
      error: (error: unknown) => (this.error = error),
    });
    if (peers.length > 0) this.source.next(peers);
    return running;
  }

  /** Lets time go on, and what is due at its end happen; and what always holds has to hold then. */
  to(ms: number): void {
    this.scheduler.maxFrames = ms;
    this.scheduler.flush();
    this.scheduler.frame = ms;
    expect(this.pool.violations).toEqual([]);
  }

  /** Everybody who can be asked now, best first. */
  canBeAsked(chunk = 0): readonly string[] {
    let ids: string[] = [];
    this.pool
      .candidates(chunk)
      .subscribe((peers) => (ids = [...peers].map(({ id }) => id)))
      .unsubscribe();
    return ids;
  }

  /** A chunk that waits for somebody. */
  waiting(chunk: number): Subscription {
    return this.pool.candidates(chunk).subscribe(() => this.pool.waitFor(chunk));
  }

  /** A chunk that picks somebody whenever it is told to look; after `found` answers `true` once more. */
  seeking(chunk: number, found: (peer: Peer) => boolean): Subscription {
    const pick = (): Peer | undefined => this.pool.pick(chunk, anybody);
    return this.pool.candidates(chunk).subscribe(() => {
      for (let peer = pick(); peer !== undefined && found(peer);) peer = pick();
    });
  }

  lease(id: string, chunk = 0): Lease {
    return this.pool.lease(peerNamed(id), chunk);
  }

  fail(id: string, code: DownloadErrorCode = "CONNECTION_LOST", chunk = 0): void {
    this.lease(id, chunk).failed(new DownloadError(code, "as told"));
  }

  deliver(id: string, bytes = 0): void {
    const lease = this.lease(id);
    if (bytes > 0) lease.received(bytes);
    lease.delivered();
    this.pool.verified(id);
  }

  state(id: string): PoolMember {
    let found: PoolMember | undefined;
    this.pool.states.subscribe((all) => (found = all.find(({ peer }) => peer === id))).unsubscribe();
    if (found === undefined) throw new Error(`no state of ${id}`);
    return found;
  }

  events(...types: readonly PoolEvent["type"][]) {
    return this.told.filter(({ type }) => types.includes(type));
  }
}
