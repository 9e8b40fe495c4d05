import { type Observable, type SchedulerLike, Subject } from "rxjs";
import type { OpenAnswer, Spans } from "./Spans.js";

/** Files from this size on: of a smaller one, a second answer that is cut would be a waste that is worth nobody's while. */
const leastBytes = 16 * 1024 * 1024;
/** An answer is late that begins so much later than the first did, ms, and half as late again. */
const leastLateMs = 100;
/** The share of an answer that has come when it is about to end. */
const nearEnd = 0.75;

/** The first answer of a mirror, and the times of the question and of it, ms. */
export interface FirstAnswer extends OpenAnswer {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** A cache passes over bytes no more than so many times slower than they flow. */
const mostSlower = 3;

/** A late beginning: of an answer that begins there, when, and by how many ms it was late. */
interface LateOnset {
  readonly from: number;
  readonly at: number;
  readonly lateMs: number;
}

/**
 * Judge of a mirror that may be a cache that fills: each question makes such a cache fetch the whole file from its origin, and an answer that begins
 * in the middle waits until the bytes before it have passed (nginx with `proxy_cache` and without `slice`). More connections bring nothing there, and
 * each costs the origin one more transfer.
 *
 * So the first answer is followed by one question for all the rest, beside it, and by others only when that begins as promptly as the
 * first did. One that begins late, about when the first answer comes to where it begins, and that flows no faster then, shows a cache; as long
 * as its answers do so, it is read along one. One that is promptly there for any other place is full.
 *
 *     first    ▁████████
 *     next     ▁▁█           a mirror: more are asked
 *     next     ▁▁▁▁▁▁▁▁██    a cache, which fills
 */
export class FillingCache {
  readonly #spans: Spans;
  readonly #size: number;
  readonly #clock: SchedulerLike;
  readonly #first: FirstAnswer | undefined;
  readonly #changes = new Subject<void>();
  /** Emits when `isLikely` has changed. */
  readonly changes: Observable<void> = this.#changes.asObservable();
  #isLikely: boolean;
  #isRead = false;
  /** When the first answer was read to its end. */
  #endedAt: number | undefined;
  #late: LateOnset | undefined;

  constructor(spans: Spans, size: number, clock: SchedulerLike, first?: FirstAnswer) {
    this.#spans = spans;
    this.#size = size;
    this.#clock = clock;
    this.#first = first;
    this.#isLikely = first !== undefined && size >= leastBytes;
  }

  /** True when the mirror is to be read along one answer: it fills, or may. */
  get isLikely(): boolean {
    return this.#isLikely;
  }

  /** An open answer is going to be read on from there. With the first one, what follows it is asked for. */
  reads(position: number): void {
    const first = this.#first;
    if (!this.#isLikely || first === undefined) return;
    if (this.#late !== undefined && !this.#isPassing(this.#late, position)) this.#isOrdinary();
    if (this.#isRead) return;
    this.#isRead = true;
    this.goOn(first.end);
  }

  /** The first answer was read to its end. */
  ended(): void {
    this.#endedAt ??= this.#clock.now();
  }

  /** Asks for all from there on. */
  goOn(from: number): void {
    const askedAt = this.#clock.now();
    const begun = (): void => {
      const at = this.#clock.now();
      const { askedAt: firstAskedAt = 0, answeredAt = 0 } = this.#first ?? {};
      const tookMs = answeredAt - firstAskedAt;
      const late = { from, at, lateMs: at - askedAt - tookMs };
      if (late.lateMs > Math.max(leastLateMs, tookMs / 2) && this.#fits(late)) this.#late = late;
      else this.#isOrdinary();
    };
    this.#spans.open(from, this.#size, { begun, failed: () => this.#isOrdinary() });
  }

  /** Forgets what was seen on other connections: the mirror counts as an ordinary one. */
  forget(): void {
    this.#isOrdinary();
  }

  #isOrdinary(): void {
    if (!this.#isLikely) return;
    this.#isLikely = false;
    this.#changes.next();
  }

  /** True when an answer that begins where the first one ends began about when that came there; of others nothing is known. */
  #fits({ from, lateMs }: LateOnset): boolean {
    const { stream, end, answeredAt } = this.#first ?? {};
    if (from !== end || stream === undefined || answeredAt === undefined) return true;
    if (this.#endedAt === undefined) return stream.at >= nearEnd * end;
    return lateMs <= 2 * (this.#endedAt - answeredAt) + leastLateMs;
  }

  /** True when the time by which an answer was late may be that in which the bytes before it passed, by what flowed since. */
  #isPassing({ from, at, lateMs }: LateOnset, position: number): boolean {
    const flowed = position - from;
    return flowed <= 0 || mostSlower * from * (this.#clock.now() - at) >= lateMs * flowed;
  }
}
