import type { SchedulerLike } from "rxjs";
import { Subscription } from "rxjs";
import { longestDelayMs } from "../../operators/defaults.js";
import type { Downlink } from "./Downlink.js";

/** Change of the line: from a time on, this many bytes a second; 0 is silence. */
export interface BandwidthStep {
  readonly atMs: number;
  readonly bytesPerSecond: number;
}

/** One taker of bytes. */
export interface Flow {
  /** Where its next bytes have come, in bytes that the link has served to each. */
  due: number;
  /** Called when the bytes that the taker wanted have come; answers how many it wants next, 0 for none any more. */
  readonly arrive: () => number;
}

/** Bytes are counted in fractions. */
const nearly = 1e-6;

/**
 * A link that all its flows share fairly, each at every moment the same part: processor sharing. Time is counted in bytes served to
 * each flow, so what a flow waits for stays the same whoever comes and goes, and an event costs O(flows).
 *
 * Nothing is scheduled while nobody wants anything.
 */
export class Uplink {
  readonly #scheduler: SchedulerLike;
  readonly #steps: readonly BandwidthStep[];
  readonly #downlink: Downlink | undefined;
  readonly #flows = new Set<Flow>();
  #step = 0;
  #granted = Infinity;
  /** Bytes served to each flow, and until when. */
  #served = 0;
  #at = 0;
  #rate = 0;
  #timer = Subscription.EMPTY;
  #delivering = false;

  constructor(scheduler: SchedulerLike, steps: readonly BandwidthStep[], downlink?: Downlink) {
    this.#scheduler = scheduler;
    this.#steps = steps.toSorted((a, b) => a.atMs - b.atMs);
    this.#downlink = downlink;
  }

  get flows(): number {
    return this.#flows.size;
  }

  /** Bytes a second that it could carry now. */
  get capacity(): number {
    while ((this.#steps[this.#step + 1]?.atMs ?? Infinity) <= this.#scheduler.now()) this.#step++;
    const step = this.#steps[this.#step];
    return step === undefined || step.atMs > this.#scheduler.now() ? 0 : step.bytesPerSecond;
  }

  /** The most that it may carry, bytes a second. */
  grant(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#granted) return;
    this.#advance();
    this.#granted = bytesPerSecond;
    this.#arm();
  }

  /** Tells the flow, again and again, when the bytes that it wants have come. */
  open(bytes: number, arrive: () => number): Flow {
    this.#advance();
    const flow: Flow = { due: this.#served + bytes, arrive };
    this.#flows.add(flow);
    this.#balance();
    return flow;
  }

  close(flow: Flow): void {
    if (!this.#flows.has(flow)) return;
    this.#advance();
    this.#flows.delete(flow);
    this.#balance();
  }

  /** Shares the line anew; the share of other uplinks changes, too, where there is a common downlink. */
  #balance(): void {
    this.#downlink?.share(this);
    this.#arm();
  }

  #advance(): void {
    const now = this.#scheduler.now();
    if (this.#flows.size === 0) this.#served = 0;
    else this.#served += (this.#rate * (now - this.#at)) / this.#flows.size;
    this.#at = now;
  }

  #arm(): void {
    if (this.#delivering) return;
    this.#timer.unsubscribe();
    if (this.#flows.size === 0) return;
    const { capacity } = this;
    this.#rate = Math.min(capacity, this.#granted) / 1000;
    let due = Infinity;
    for (const flow of this.#flows) due = Math.min(due, flow.due);
    const arrivesMs = this.#rate > 0 ? (Math.max(0, due - this.#served) * this.#flows.size) / this.#rate : Infinity;
    const changesMs = (this.#steps[this.#step + (this.#isBefore ? 0 : 1)]?.atMs ?? Infinity) - this.#scheduler.now();
    const waitMs = Math.min(arrivesMs, changesMs);
    if (waitMs === Infinity) return;
    this.#timer = this.#scheduler.schedule(() => this.#wake(), Math.min(waitMs, longestDelayMs));
  }

  get #isBefore(): boolean {
    return (this.#steps[0]?.atMs ?? 0) > this.#scheduler.now();
  }

  #wake(): void {
    this.#advance();
    this.#delivering = true;
    for (const flow of [...this.#flows]) this.#deliver(flow);
    this.#delivering = false;
    this.#balance();
  }

  /** A flow begins to wait for its next bytes where the last ones came, so that no part of a millisecond is lost. */
  #deliver(flow: Flow): void {
    while (this.#flows.has(flow) && flow.due <= this.#served + nearly) {
      const bytes = flow.arrive();
      if (bytes === 0) this.#flows.delete(flow);
      flow.due += bytes;
    }
  }
}
