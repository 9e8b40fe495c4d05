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
  /** Whether that one could start in the middle when it was asked. */
  readonly ranged: boolean;
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
    this.ranged = entry.peer.ranges;
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

  /**
   * What it brought of late, as a share of what its peer usually brings a leg; one piece that may be on its way counts as brought. A
   * first byte counts as late only after it has taken as long as usual. `undefined` while too little has been seen.
   */
  shareOfUsual(now: number): number | undefined {
    const { bytesPerSecond } = this.entry.record;
    const [oldest] = this.#marks;
    const since = oldest?.at ?? this.startedAt + (this.entry.silence.usualFirstByteMs ?? 0);
    if (bytesPerSecond === undefined || now - since < windowMs / 3) return undefined;
    if (oldest === undefined && this.heardAt !== undefined) return undefined;
    const shared = Math.max(this.entry.inFlight, ...this.#marks.map((mark) => mark.shared));
    const brought = this.received - (oldest?.received ?? 0) + this.#pieceBytes;
    return (brought * 1000 * shared) / (bytesPerSecond * (now - since));
  }

  /** Whether it has brought something, and was seen over the whole window since. */
  wasWatched(now: number): boolean {
    const [oldest] = this.#marks;
    return oldest !== undefined && now - oldest.at >= windowMs;
  }

  /** Bytes a second of late, or `undefined` while too little has been seen of it. Who is between two pieces is not silent. */
  #recentRate(now: number): number | undefined {
    const [oldest] = this.#marks;
    if (oldest === undefined || now - oldest.at < windowMs / 3) return undefined;
    return (Math.max(this.received - oldest.received, this.#pieceBytes) * 1000) / (now - oldest.at);
  }

  /** What may have come in part, and is not seen until it is whole. */
  get #pieceBytes(): number {
    return Math.min(this.entry.pieceBytes ?? this.wantedBytes, this.leftBytes);
  }
}
