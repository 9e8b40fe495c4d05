import { merge, Subject } from "rxjs";
import type { Observable } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Peer } from "./Peer.js";
import type { PeerEntry } from "./PeerEntry.js";

/** What a leg had brought at some time, and how many legs shared its peer. */
interface Mark {
  readonly at: number;
  readonly received: number;
  readonly shared: number;
}

/** A judgement takes so much of the recent past into account. */
const windowMs = 1500;

/** One leg while it runs: what it brought, when, and when it may end. Times are scheduler time, ms. */
export class LegInFlight {
  readonly entry: PeerEntry;
  /** Whom it asks; there may be another way to the same peer by the time it ends. */
  readonly peer: Peer;
  readonly chunk: number;
  readonly wantedBytes: number;
  readonly startedAt: number;
  /** Whether its peer had nothing else to do when it began. */
  readonly wasAlone: boolean;
  /** Ends this leg alone. */
  readonly stop = new Subject<DownloadError>();
  received = 0;
  /** When its last bytes came. */
  heardAt: number | undefined;
  #marks: Mark[] = [];

  constructor(entry: PeerEntry, chunk: number, wantedBytes: number, startedAt: number) {
    this.entry = entry;
    this.peer = entry.peer;
    this.chunk = chunk;
    this.wantedBytes = wantedBytes;
    this.startedAt = startedAt;
    this.wasAlone = entry.inFlight === 0;
  }

  /** Emits when it may not go on. */
  get cut(): Observable<DownloadError> {
    return merge(this.entry.cut, this.stop);
  }

  get leftBytes(): number {
    return Math.max(0, this.wantedBytes - this.received);
  }

  /** Remembers where it is; what is older than the window is forgotten. */
  mark(now: number): void {
    if (this.heardAt === undefined) return;
    this.#marks.push({ at: now, received: this.received, shared: this.entry.inFlight });
    while ((this.#marks[1]?.at ?? Infinity) <= now - windowMs) this.#marks.shift();
  }

  /** Forgets the past, which we ourselves have slowed down. */
  excuse(now: number): void {
    if (this.heardAt !== undefined) this.heardAt = now;
    this.#marks = [];
  }

  /** When it is going to be over if all stays as it is, ms from now; of a peer of unknown rate with the `usualRate` of others. */
  expectedLeftMs(now: number, usualRate: number): number {
    if (this.leftBytes === 0) return 0;
    const rate = this.entry.record.bytesPerSecond ?? usualRate;
    const share = rate / Math.max(1, this.entry.inFlight);
    if (this.heardAt === undefined) {
      const overdueMs = now - this.startedAt - (this.entry.silence.usualFirstByteMs ?? 0);
      return Math.abs(overdueMs) + (this.leftBytes * 1000) / share;
    }
    // Who has been silent for a while is likely to be silent for as long again.
    return now - this.heardAt + (this.leftBytes * 1000) / (this.#recentRate(now) ?? share);
  }

  /** Whether it brought less than a tenth of what its peer usually brings a leg, over the whole window. */
  isBelowUsual(now: number): boolean {
    const [oldest] = this.#marks;
    const { bytesPerSecond } = this.entry.record;
    if (oldest === undefined || bytesPerSecond === undefined || now - oldest.at < windowMs) return false;
    const shared = Math.max(...this.#marks.map((mark) => mark.shared));
    const usualBytes = (bytesPerSecond / shared) * ((now - oldest.at) / 1000);
    return this.received - oldest.received < 0.1 * usualBytes;
  }

  /** Bytes a second of late, or `undefined` while too little has been seen of it. */
  #recentRate(now: number): number | undefined {
    const [oldest] = this.#marks;
    if (oldest === undefined || now - oldest.at < windowMs / 3) return undefined;
    return ((this.received - oldest.received) * 1000) / (now - oldest.at);
  }
}
