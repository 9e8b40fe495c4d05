import { type SchedulerLike, Subscription } from "rxjs";
import { maxDataBytes } from "../protocol/protocol.js";

/** Bursts that may go out at once after a pause, as time: the usual one, and the longest where timers come late, which is granted for so long. */
const burstMs = 50;
const longestBurstMs = 2000;
/** The time that one frame may take on the line, so that nobody is far ahead of the others. */
const frameMs = 10;
const smallestFrame = 1024;

/** One connection's share of the line: how far it has got, in bytes that each address could have had. */
export interface Flow {
  /** Address of the client. */
  readonly host: string;
  finish: number;
}

interface Turn {
  readonly host: string;
  readonly start: number;
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * The upload line of all connections together. The rate is a token bucket, kept as the time at which it is empty again (the generic cell rate
 * algorithm, ITU-T I.371); whose frame is next says start-time fair queueing (Goyal, Vin and Cheng, 1996): shares are equal in bytes, whatever
 * the size of each connection's frames, and a newcomer begins where the others are. Equal shares are those of addresses; connections of one address weigh
 * the less the more of them want something, so that nobody has more of the line by opening more of them.
 */
export class UploadPace {
  readonly #bytesPerMs: number;
  readonly #scheduler: SchedulerLike;
  readonly #waiting: Turn[] = [];
  /** The frame that the line brings now, and what gives it up. */
  #onLine: { readonly turn: Turn; readonly timer: Subscription } | undefined;
  #virtual = 0;
  #emptyAt = 0;
  /** Burst that is granted now: as much as the last timer came late, such as in a page that is hidden, where they come once a second. */
  #burstMs: number = burstMs;
  /** Time until which it is granted: a single timer that came late says nothing of a line that has been idle since. */
  #burstUntil = 0;
  #serving = false;

  constructor(bytesPerSecond: number | undefined, scheduler: SchedulerLike) {
    this.#bytesPerMs = (bytesPerSecond ?? Infinity) / 1000;
    this.#scheduler = scheduler;
  }

  /** Payload of one data message: small when the rate is low or shared by many, so that each client hears something often. */
  get frameBytes(): number {
    const shares = this.#waiting.length + 1;
    return Math.min(maxDataBytes, Math.max(smallestFrame, Math.floor((this.#bytesPerMs * frameMs) / shares)));
  }

  /**
   * Calls `go` when it is this frame's turn and a line of this rate would have brought its last byte, so that who measures the time between two
   * messages measures the rate; at once when there is no limit. Unsubscribing leaves the line.
   */
  enter(flow: Flow, bytes: number, go: () => void): Subscription {
    if (this.#bytesPerMs === Infinity) {
      go();
      return Subscription.EMPTY;
    }
    const turn: Turn = { host: flow.host, start: Math.max(this.#virtual, flow.finish), bytes, go };
    flow.finish = turn.start + bytes * (1 + this.#turnsOf(flow.host));
    this.#waiting.push(turn);
    this.#serve();
    return new Subscription(() => this.#leave(turn));
  }

  /** Frames of one address that wait or are on the line. */
  #turnsOf(host: string): number {
    const isOnLine = this.#onLine?.turn.host === host ? 1 : 0;
    return this.#waiting.reduce((count, turn) => (turn.host === host ? count + 1 : count), isOnLine);
  }

  /** Turns that come while one is called are in the line before the next is chosen. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    while (this.#onLine === undefined) {
      const turn = this.#takeFirst();
      if (turn === undefined) break;
      const delayMs = this.#dueIn(turn.bytes);
      if (delayMs === 0) turn.go();
      else this.#onLine = { turn, timer: this.#scheduler.schedule(() => this.#brought(turn), delayMs) };
    }
    this.#serving = false;
  }

  #brought(turn: Turn): void {
    this.#onLine = undefined;
    const lateMs = this.#scheduler.now() - this.#emptyAt;
    this.#burstMs = Math.min(longestBurstMs, Math.max(burstMs, lateMs));
    this.#burstUntil = this.#scheduler.now() + longestBurstMs;
    this.#serving = true;
    turn.go();
    this.#serving = false;
    this.#serve();
  }

  #takeFirst(): Turn | undefined {
    const [first, ...others] = this.#waiting;
    if (first === undefined) return undefined;
    const next = others.reduce((best, turn) => (turn.start < best.start ? turn : best), first);
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    this.#virtual = next.start;
    return next;
  }

  #dueIn(bytes: number): number {
    const now = this.#scheduler.now();
    const startAt = Math.max(this.#emptyAt, now - (now < this.#burstUntil ? this.#burstMs : burstMs));
    this.#emptyAt = startAt + bytes / this.#bytesPerMs;
    return Math.max(0, this.#emptyAt - now);
  }

  /** A frame that is on the line gives back the time that it would still have taken. */
  #leave(turn: Turn): void {
    const at = this.#waiting.indexOf(turn);
    if (at !== -1) this.#waiting.splice(at, 1);
    if (this.#onLine?.turn !== turn) return;
    this.#onLine.timer.unsubscribe();
    this.#onLine = undefined;
    this.#emptyAt = Math.min(this.#emptyAt, this.#scheduler.now());
    this.#serve();
  }
}
