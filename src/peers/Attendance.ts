import type { Subscription } from "rxjs";
import type { Conduct } from "./Conduct.js";
import type { Peer } from "./Peer.js";
import { PeerEntry } from "./PeerEntry.js";
import type { PeerRecord } from "./PeerRecord.js";
import { unknownPeer } from "./PeerRecord.js";
import type { Roster } from "./Roster.js";

/** Who is there: peers join, leave and come back; with nobody there for too long the pool ends. */
export class Attendance {
  readonly #roster: Roster;
  readonly #conduct: Conduct;
  readonly #records: Readonly<Record<string, PeerRecord>>;
  #complete = false;
  #patience: Subscription | undefined;

  constructor(roster: Roster, conduct: Conduct, records: Readonly<Record<string, PeerRecord>>) {
    this.#roster = roster;
    this.#conduct = conduct;
    this.#records = records;
  }

  /** Whether nobody new will come. */
  get complete(): boolean {
    return this.#complete;
  }

  meet(present: readonly Peer[]): void {
    const ids = new Set(present.map((peer) => peer.id));
    for (const entry of this.#roster.all) if (entry.present && !ids.has(entry.peer.id)) this.#part(entry);
    for (const peer of present) this.#welcome(peer);
  }

  close(): void {
    this.#complete = true;
  }

  /**
   * Ends the pool when nobody is left and somebody is wanted; begins to lose patience when more might come. Peers that left
   * may finish what they are at.
   */
  check(wanted: boolean): void {
    if (this.#roster.hasHope) {
      this.#patience?.unsubscribe();
      this.#patience = undefined;
    } else if (!this.#complete) {
      this.#patience ??= this.#roster.after(this.#roster.config.peerWaitMs, () => this.#roster.end());
    } else if (wanted) this.#roster.end();
  }

  #part(entry: PeerEntry): void {
    entry.present = false;
    this.#roster.rank(entry);
    this.#roster.tell({ type: "peer-left", peer: entry.peer.id });
  }

  #welcome(peer: Peer): void {
    const known = this.#roster.find(peer.id);
    if (known?.present) {
      if (known.peer !== peer) known.missing.clear();
      known.peer = peer;
      known.reconsider();
      this.#roster.rank(known);
      return;
    }
    const entry = known ?? this.#register(peer);
    entry.peer = peer;
    entry.present = true;
    this.#roster.rank(entry);
    this.#roster.tell({ type: "peer-joined", peer: peer.id });
    if (known === undefined) this.#conduct.resumeBlacklist(entry);
  }

  #register(peer: Peer): PeerEntry {
    const { maxPerPeer: maxLegs, chunkBytes, requestsPerSecond: perSecond } = this.#roster.config;
    const record = this.#records[peer.id] ?? unknownPeer;
    const entry = new PeerEntry(peer, this.#roster.size, record, {
      maxLegs,
      chunkBytes,
      perSecond,
      now: this.#roster.now,
    });
    this.#roster.add(entry);
    return entry;
  }
}
