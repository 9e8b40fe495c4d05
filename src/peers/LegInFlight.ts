import type { Observable } from "rxjs";
import { merge, Subject } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Peer } from "./Peer.js";
import type { EndedLeg, PooledPeer } from "./PooledPeer.js";

/** One leg's hold on a peer and a slot. The first end counts; calls after it are ignored. */
export interface Lease {
  /** Emits when the peer may not go on serving. */
  readonly cut: Observable<DownloadError>;
  received(bytes: number): void;
  /** Ends the lease: all bytes came. */
  delivered(): void;
  /** The leg broke after real progress: nobody's failure. */
  broken(error: DownloadError): void;
  failed(error: DownloadError): void;
  /** The leg was not wanted any more: nobody's failure. */
  cancelled(): void;
}

/** The bytes that a leg had brought at some time, and how many legs shared its peer. */
interface Mark {
  readonly at: number;
  readonly received: number;
  readonly shared: number;
}

/** A judgement takes so much of the recent past into account. */
const windowMs = 1500;

/** One leg while it runs: what it brought, when, and when it may end. Times are the pool's clock, ms. */
export class LegInFlight implements EndedLeg {
  readonly peer: PooledPeer;
  readonly asked: Peer;
  readonly ranged: boolean;
  readonly chunk: number;
  readonly wantedBytes: number;
  readonly startedAt: number;
  /** True when the peer had nothing else to do when the leg began. */
  readonly wasAlone: boolean;
  /** Ends this leg alone. */
  readonly stop = new Subject<DownloadError>();
  #received = 0;
  #heardAt: number | undefined;
  #marks: Mark[] = [];

  constructor(peer: PooledPeer, chunk: number, wantedBytes: number, startedAt: number) {
    this.peer = peer;
    this.asked = peer.peer;
    this.ranged = peer.peer.ranges;
    this.chunk = chunk;
    this.wantedBytes = wantedBytes;
    this.startedAt = startedAt;
    this.wasAlone = peer.inFlight === 0;
  }

  /** Emits when it may not go on. */
  get cut(): Observable<DownloadError> {
    return merge(this.peer.cut, this.stop);
  }

  get received(): number {
    return this.#received;
  }

  /** When its last bytes came. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  get leftBytes(): number {
    return Math.max(0, this.wantedBytes - this.#received);
  }

  heard(bytes: number, now: number): void {
    this.#received += bytes;
    this.#heardAt = now;
  }

  /** Remembers where it is; what is older than the window is forgotten. */
  mark(now: number): void {
    if (this.#heardAt === undefined) return;
    this.#marks.push({ at: now, received: this.#received, shared: this.peer.inFlight });
    while ((this.#marks[1]?.at ?? Infinity) <= now - windowMs) this.#marks.shift();
  }

  /** Forgets the past, which we ourselves have slowed down. */
  excuse(now: number): void {
    if (this.#heardAt !== undefined) this.#heardAt = now;
    this.#marks = [];
  }

  /** When it is going to be over if all stays as it is, ms from now; of a peer of unknown rate with the `usualRate` of others. */
  expectedLeftMs(now: number, usualRate: number): number {
    if (this.leftBytes === 0) return 0;
    const rate = this.peer.speed.bytesPerSecond ?? usualRate;
    const share = rate / Math.max(1, this.peer.inFlight);
    if (this.#heardAt === undefined) {
      const overdueMs = now - this.startedAt - (this.peer.speed.timeouts.usualFirstByteMs ?? 0);
      return Math.abs(overdueMs) + (this.leftBytes * 1000) / share;
    }
    // A leg that has been silent for a while is likely to be silent for as long again.
    return now - this.#heardAt + (this.leftBytes * 1000) / (this.#recentRate(now) ?? share);
  }

  /**
   * The leg's speed of late, as a share of what its peer usually brings a leg; one piece that may be on its way counts as brought. A
   * first byte counts as late only after it has taken as long as usual. `undefined` while too little has been seen.
   */
  shareOfUsual(now: number): number | undefined {
    const { bytesPerSecond, timeouts } = this.peer.speed;
    const [oldest] = this.#marks;
    const since = oldest?.at ?? this.startedAt + (timeouts.usualFirstByteMs ?? 0);
    if (bytesPerSecond === undefined || now - since < windowMs / 3) return undefined;
    if (oldest === undefined && this.#heardAt !== undefined) return undefined;
    const shared = Math.max(this.peer.inFlight, ...this.#marks.map((mark) => mark.shared));
    const brought = this.#received - (oldest?.received ?? 0) + this.#pieceBytes;
    return (brought * 1000 * shared) / (bytesPerSecond * (now - since));
  }

  /** True when the leg has brought something, and was seen over the whole window since. */
  wasWatched(now: number): boolean {
    const [oldest] = this.#marks;
    return oldest !== undefined && now - oldest.at >= windowMs;
  }

  /** True when the leg was seen for long enough to tell how fast it is. */
  isKnown(now: number): boolean {
    return this.#recentRate(now) !== undefined;
  }

  /** Bytes a second of late, or `undefined` while too little has been seen of it. A leg between two pieces is not silent. */
  #recentRate(now: number): number | undefined {
    const [oldest] = this.#marks;
    if (oldest === undefined || now - oldest.at < windowMs / 3) return undefined;
    return (Math.max(this.#received - oldest.received, this.#pieceBytes) * 1000) / (now - oldest.at);
  }

  /** The size of a piece that may have come in part, and is not seen until it is whole. */
  get #pieceBytes(): number {
    return Math.min(this.peer.speed.pieceBytes ?? this.wantedBytes, this.leftBytes);
  }
}
