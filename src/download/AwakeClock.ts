import type { Observable, SchedulerAction, SchedulerLike } from "rxjs";
import { interval, Subject, Subscription } from "rxjs";
import { AwakeAction } from "./AwakeAction.js";

const beatMs = 1000;
/** The longest step of the heartbeat, ms, that counts as time awake: only sleep, or a stopped process, keeps it waiting longer. */
const longestStepMs = 5000;
/** Length that a gap counts as. */
const gapCountsMs = 1000;

/**
 * Time in which this machine was awake and on the network: a scheduler on top of another one. Work on it stands still while
 * the machine sleeps, goes on where it was, and cannot run backwards.
 *
 *     base     0--1--2--3--------603--604      the machine slept
 *     awake    0--1--2--3----------4----5
 *     gaps     -------------------g-------
 *
 * Sleep shows as a gap in the heartbeat, which beats between `start` and `stop`. A wall clock that is set back counts as nothing,
 * one that is set forward as sleep. `pause` stops it by hand: what comes due then is kept until `resume`.
 */
export class AwakeClock implements SchedulerLike {
  readonly #base: SchedulerLike;
  readonly #gaps = new Subject<number>();
  /** Actions that came due while the clock stood. */
  readonly #parked = new Set<AwakeAction<unknown>>();
  #beats = Subscription.EMPTY;
  #news = Subscription.EMPTY;
  #seenAt: number;
  #lostMs = 0;
  #isPaused = false;
  #hasSlept = false;

  constructor(base: SchedulerLike) {
    this.#base = base;
    this.#seenAt = base.now();
  }

  /** How long each gap was, ms; told in a turn of its own, after it was noticed. */
  readonly gaps: Observable<number> = this.#gaps.asObservable();

  /** True when there was a gap that has not been told yet: what fails now has failed in the machine's sleep. */
  get hasSlept(): boolean {
    return this.#hasSlept;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  start(): void {
    this.#seenAt = this.#base.now();
    this.#beats = interval(beatMs, this.#base).subscribe(() => this.#look());
  }

  /** The heartbeat ends; whoever scheduled something still has to cancel it. */
  stop(): void {
    this.#beats.unsubscribe();
    this.#news.unsubscribe();
  }

  pause(): void {
    this.#look();
    this.#isPaused = true;
  }

  resume(): void {
    this.#look();
    this.#isPaused = false;
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const action of parked) action.goOn();
  }

  now(): number {
    this.#look();
    return this.#seenAt - this.#lostMs;
  }

  /** The wall time of a time on this clock, as far as is known now. */
  toWall(atMs: number): number {
    return atMs + this.#base.now() - this.now();
  }

  fromWall(atMs: number): number {
    return atMs + this.now() - this.#base.now();
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
    return new AwakeAction(this, this.#base, work).schedule(state, delayMs);
  }

  /** Keeps an action until the clock goes on. */
  park(action: AwakeAction<unknown>): void {
    this.#parked.add(action);
  }

  release(action: AwakeAction<unknown>): void {
    this.#parked.delete(action);
  }

  #look(): void {
    const now = this.#base.now();
    const stepMs = now - this.#seenAt;
    this.#seenAt = now;
    const isGap = stepMs > longestStepMs && !this.#beats.closed;
    if (this.#isPaused || stepMs < 0) this.#lostMs += stepMs;
    else if (isGap) this.#lostMs += stepMs - gapCountsMs;
    if (isGap) this.#tell(stepMs);
  }

  #tell(gapMs: number): void {
    this.#hasSlept = true;
    this.#news.unsubscribe();
    this.#news = this.#base.schedule(() => {
      this.#hasSlept = false;
      this.#gaps.next(gapMs);
    });
  }
}
