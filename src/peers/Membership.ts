import type { Subscription } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Peer } from "./Peer.js";
import type { PeerRecord } from "./PeerRecord.js";
import { unknownPeer } from "./PeerRecord.js";
import type { PeerTable } from "./PeerTable.js";
import { nobodyLeft } from "./PeerTable.js";
import type { PoolContext } from "./PoolContext.js";
import { type ServeWhen, PooledPeer } from "./PooledPeer.js";

/** The peers in the list: they join, leave and come back; with nobody there for too long the pool ends. */
export class Membership {
  readonly #pool: PoolContext;
  readonly #table: PeerTable;
  readonly #records: Readonly<Record<string, PeerRecord>>;
  readonly #changed: (peer: PooledPeer, when: ServeWhen) => void;
  #isComplete = false;
  #giveUp: Subscription | undefined;
  #giveUpAt: number | undefined;

  constructor(
    pool: PoolContext,
    table: PeerTable,
    records: Readonly<Record<string, PeerRecord>>,
    changed: (peer: PooledPeer, when: ServeWhen) => void,
  ) {
    this.#pool = pool;
    this.#table = table;
    this.#records = records;
    this.#changed = changed;
  }

  /** True when no new peer will come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** End of the wait for peers that is on, ms by the clock. */
  get waitsUntilMs(): number | undefined {
    return this.#giveUpAt;
  }

  meet(present: readonly Peer[]): void {
    const ids = new Set(present.map((peer) => peer.id));
    for (const peer of this.#table.all) if (peer.isPresent && !ids.has(peer.id)) peer.offer.left();
    for (const peer of present) this.#welcome(peer);
  }

  close(): void {
    this.#isComplete = true;
  }

  /**
   * Ends the pool when nobody is left and somebody is wanted, or, while more might come, after `peerWaitMs`. Peers that left
   * may finish what they are at.
   */
  check(isWanted: boolean): void {
    if (this.#table.hasHope) {
      this.#giveUp?.unsubscribe();
      this.#giveUp = undefined;
      this.#giveUpAt = undefined;
    } else if (!this.#isComplete) this.#giveUp ??= this.#wait();
    else if (isWanted) this.#pool.fail(this.nobodyLeft());
  }

  /** Why there is nobody, after a wait or without one. */
  nobodyLeft(waitedMs?: number): DownloadError {
    const states = this.#table.all.map(({ state }) => state);
    return nobodyLeft(states, this.#pool.now, waitedMs);
  }

  #wait(): Subscription {
    const { peerWaitMs } = this.#pool.config;
    this.#giveUpAt = this.#pool.now + peerWaitMs;
    return this.#pool.after(peerWaitMs, () => this.#pool.fail(this.nobodyLeft(peerWaitMs)));
  }

  #welcome(peer: Peer): void {
    const known = this.#table.find(peer.id);
    if (known !== undefined) {
      known.offer.listed(peer);
      return;
    }
    const record = this.#records[peer.id] ?? unknownPeer;
    const pooled = new PooledPeer(peer, this.#table.size, record, this.#pool, this.#changed);
    this.#table.add(pooled);
    pooled.offer.listed(peer);
    pooled.resumeBlacklist();
  }
}
