import { TokenBucket } from "../../operators/TokenBucket.js";
import { AimdLimit } from "./AimdLimit.js";
import type { Peer } from "./Peer.js";
import { pipelineDepth } from "./pipelineDepth.js";
import type { PeerSpeed } from "./PeerSpeed.js";
import type { PoolContext } from "./PoolContext.js";

/** How many requests may come at once before the request rate counts. */
const burst = 8;

/** Share of the time that a request takes alone; less than all of it, because a speed may be underestimated. */
const paceShare = 0.8;
/** Timers are no finer. */
const shortestPaceMs = 10;
/** However slow the peer seems: it may have become faster, and only a leg can show it. */
const longestPaceMs = 10_000;

type MeasuredSpeed = Pick<PeerSpeed, "bytesPerSecond" | "roundTripMs">;

/** How many legs one peer may have, and when the next one may begin: by what it withstands, by its speed, and by how much was fruitless. */
export class PeerCapacity {
  readonly #pool: PoolContext;
  readonly #speed: MeasuredSpeed;
  readonly #limit: AimdLimit;
  /** For fruitless requests. */
  readonly #requests: TokenBucket;
  /** When the next leg may begin, beside another one. */
  #pacedUntil = 0;

  constructor(pool: PoolContext, speed: MeasuredSpeed, bears?: number) {
    const { maxPerPeer, requestsPerSecond: perSecond } = pool.config;
    this.#pool = pool;
    this.#speed = speed;
    this.#limit = new AimdLimit(maxPerPeer, bears);
    this.#requests = new TokenBucket({ capacity: burst, perSecond }, pool.now);
  }

  /**
   * Legs that the peer may have at once: as many as it withstands, but no more than it is fast enough for. One that cannot start in the middle has one stream,
   * as one that fills, or is ample.
   */
  mostLegs({ ranges, isFilling = false, isAmple = false, connectsEach = false }: Peer): number {
    if (!ranges || isFilling || isAmple) return 1;
    const { bytesPerSecond, roundTripMs = 0 } = this.#speed;
    if (bytesPerSecond === undefined) return this.#limit.legs;
    const { chunkBytes } = this.#pool.config;
    return Math.min(this.#limit.legs, pipelineDepth(bytesPerSecond, roundTripMs, { chunkBytes, connectsEach }));
  }

  /** Milliseconds until a leg may begin, beside so many; 0 for now. */
  waitMs(inFlight: number): number {
    const { now } = this.#pool;
    const paceMs = inFlight === 0 ? 0 : Math.ceil(this.#pacedUntil - now);
    return Math.max(0, paceMs, this.#requests.waitMs(1, now));
  }

  /**
   * A leg for so many bytes begins; the next one waits for most of the time that they take alone. Legs that start together end together, and
   * leave the way empty until the next ones arrive; apart they take turns. Where each leg has a connection of its own, whose speed may be its
   * own as well, it is enough that they end a round trip apart: longer, and connections lie idle. Not while more of them may still bring more.
   */
  legBegan(bytes: number, { connectsEach = false }: Peer): void {
    const { now } = this.#pool;
    this.#requests.take(1, now);
    const { bytesPerSecond, roundTripMs = 0 } = this.#speed;
    const aloneMs = bytesPerSecond === undefined ? 0 : (paceShare * bytes * 1000) / bytesPerSecond;
    const apartMs = connectsEach ? Math.min(aloneMs, roundTripMs) : aloneMs;
    const seeks = connectsEach && this.#limit.grows;
    this.#pacedUntil = seeks || apartMs < shortestPaceMs ? 0 : now + Math.min(apartMs, longestPaceMs);
  }

  /** A request was not fruitless, or not made. */
  giveBack(): void {
    this.#requests.add(1, this.#pool.now);
  }

  /** A leg made room before its time. */
  madeRoom(): void {
    this.#pacedUntil = 0;
  }

  /** The peer withstood what it was asked for. */
  succeeded(): void {
    this.#limit.succeeded(this.#pool.now);
  }

  /** The peer refused a leg while it served so many others. */
  refused(served: number): void {
    this.#limit.refused(served, this.#pool.now);
  }

  /** The peer refused its last leg, too. */
  refusedAll(): void {
    this.#limit.refusedAll();
  }

  overloaded(): void {
    this.#limit.overloaded();
  }
}
