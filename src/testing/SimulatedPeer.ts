import type { SchedulerLike, Subscriber } from "rxjs";
import { Observable, Subscription } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { ByteRange, Peer } from "../peers/Peer.js";
import type { Downlink } from "./Downlink.js";
import { drawFate } from "./drawFate.js";
import type { Fate } from "./drawFate.js";
import type { ResolvedSwarmPeer } from "./SwarmPeer.js";
import { isWithin } from "./SwarmPeer.js";
import type { SyntheticFile } from "./syntheticFile.js";
import { Uplink } from "./Uplink.js";

/** The world that all simulated peers share. */
export interface Stage {
  readonly scheduler: SchedulerLike;
  readonly file: SyntheticFile;
  readonly downlink: Downlink | undefined;
  /** A request was begun (1) or has ended (-1). */
  readonly counted: (change: 1 | -1) => void;
}

/**
 * A peer that plays its part in virtual time. Its requests share one uplink; its losses kill them all with one error, as a dropped
 * socket does. Nothing of it is scheduled while it has no request, and unsubscribing a request frees its share in the same frame.
 */
export class SimulatedPeer implements Peer {
  readonly id: string;
  readonly ranges = true;
  readonly connectsEach: boolean;
  readonly has?: (chunk: number) => boolean;
  /** Bytes that it has handed over. */
  served = 0;
  /** The most requests that it ever had at once. */
  mostOpen = 0;
  readonly #script: ResolvedSwarmPeer;
  readonly #stage: Stage;
  readonly #random: () => number;
  readonly #uplink: Uplink;
  readonly #open = new Set<Subscriber<Uint8Array>>();
  /** When all requests die, in order. */
  readonly #cutsMs: readonly number[];
  #cut = Subscription.EMPTY;

  constructor(script: ResolvedSwarmPeer, stage: Stage, random: () => number) {
    const { id, steps, away, lossesAtMs = [], has, tells = true, lingers = false, connectsEach = false } = script;
    this.id = id;
    this.connectsEach = connectsEach;
    if (has !== undefined && tells) this.has = has;
    this.#script = script;
    this.#stage = stage;
    this.#random = random;
    this.#uplink = new Uplink(stage.scheduler, steps, stage.downlink);
    const leaves = lingers ? [] : away.map(({ fromMs = 0 }) => fromMs);
    this.#cutsMs = [...lossesAtMs, ...leaves].sort((a, b) => a - b);
  }

  request(range: ByteRange): Observable<Uint8Array> {
    return new Observable((subscriber) => {
      const fate = drawFate(this.#script, range.length, this.#random);
      this.#begin(subscriber);
      subscriber.add(
        this.#stage.scheduler.schedule(() => this.#answer(range, fate, subscriber), this.#script.roundTripMs),
      );
      return () => this.#end(subscriber);
    });
  }

  #begin(subscriber: Subscriber<Uint8Array>): void {
    this.#open.add(subscriber);
    this.mostOpen = Math.max(this.mostOpen, this.#open.size);
    this.#stage.counted(1);
    if (this.#open.size === 1) this.#awaitCut();
  }

  /** Before its end is told: who hears of it may ask the next thing at once. */
  #end(subscriber: Subscriber<Uint8Array>): void {
    if (!this.#open.delete(subscriber)) return;
    this.#stage.counted(-1);
    if (this.#open.size === 0) this.#cut.unsubscribe();
  }

  #fail(subscriber: Subscriber<Uint8Array>, error: DownloadError): void {
    this.#end(subscriber);
    subscriber.error(error);
  }

  #answer({ chunk, position, length }: ByteRange, fate: Fate, subscriber: Subscriber<Uint8Array>): void {
    const refusal = this.#refusal(chunk);
    if (refusal !== undefined) {
      this.#fail(subscriber, refusal);
      return;
    }
    const { file } = this.#stage;
    const bytesAt = fate.corrupts ? file.flipped : file.bytes;
    let sent = 0;
    const next = (): number => Math.min(this.#script.pieceBytes, fate.endsAfter - sent);
    const ending = (): void => {
      if (fate.breaks) this.#fail(subscriber, this.#error("CONNECTION_RESET", "broke the request off"));
      if (fate.breaks || sent < length) return;
      this.#end(subscriber);
      subscriber.complete();
    };
    if (fate.endsAfter === 0) {
      ending();
      return;
    }
    const flow = this.#uplink.open(next(), () => {
      const piece = bytesAt(position + sent, next());
      sent += piece.length;
      this.served += piece.length;
      subscriber.next(piece);
      if (sent === fate.endsAfter) ending();
      return subscriber.closed ? 0 : next();
    });
    subscriber.add(() => this.#uplink.close(flow));
  }

  #refusal(chunk: number): DownloadError | undefined {
    const now = this.#stage.scheduler.now();
    const { refusals = [], away, lingers = false, maxRequests = Infinity, has } = this.#script;
    if (!lingers && away.some((span) => isWithin(span, now))) return this.#error("CONNECTION_REFUSED", "is away");
    const refusal = refusals.find((span) => isWithin(span, now));
    if (refusal !== undefined) return this.#error(refusal.code, "refused, as scripted", refusal.retryAfterMs);
    if (this.#open.size > maxRequests) return this.#error("PEER_BUSY", `has ${this.#open.size} requests`);
    return has?.(chunk) === false ? this.#error("CHUNK_NOT_AVAILABLE", `lacks chunk ${chunk}`) : undefined;
  }

  #error(code: DownloadError["code"], what: string, retryAfterMs?: number): DownloadError {
    const details = { peer: this.id, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    return new DownloadError(code, `${this.id} ${what}`, details);
  }

  /** The next moment when everything dies, as long as there is anything that could. */
  #awaitCut(): void {
    this.#cut.unsubscribe();
    const { scheduler } = this.#stage;
    const nextMs = this.#cutsMs.find((ms) => ms > scheduler.now());
    if (nextMs === undefined || this.#open.size === 0) return;
    this.#cut = scheduler.schedule(() => {
      const error = this.#error("CONNECTION_LOST", "lost its connection");
      const dying = [...this.#open];
      this.#awaitCut();
      for (const subscriber of dying) this.#fail(subscriber, error);
    }, nextMs - scheduler.now());
  }
}
