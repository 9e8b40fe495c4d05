import type { Coming, Holding } from "../websocket/Exchange.js";

/** Memory that a message costs beside its payload. */
const messageBytes = 256;
/** Room for what has no payload, or whose size was not asked for. */
const slackBytes = 1024 * 1024;

/**
 * Answers that came while reading was paused, over a wire whose sender nothing holds back. They are bounded by what was asked for: twice that, as messages may
 * be small.
 */
export class HeldReplies implements Holding {
  #all: Coming[] = [];
  #next = 0;
  #cost = 0;

  keep(coming: Coming, due: number): boolean {
    this.#all.push(coming);
    this.#cost += costOf(coming);
    return this.#cost <= 2 * due + slackBytes;
  }

  passOn(pass: (coming: Coming) => void, mayBe: () => boolean): void {
    for (let next = mayBe() && this.#take(); next; next = mayBe() && this.#take()) pass(next);
  }

  #take(): Coming | undefined {
    const first = this.#all[this.#next];
    if (first === undefined) return undefined;
    this.#next += 1;
    this.#cost -= costOf(first);
    if (this.#next === this.#all.length) this.#forget();
    return first;
  }

  drop(): number {
    const left = this.#all.slice(this.#next);
    this.#forget();
    return left.reduce((sum, each) => sum + (each.type === "data" ? each.bytes.length : 0), 0);
  }

  #forget(): void {
    this.#all = [];
    this.#next = 0;
    this.#cost = 0;
  }
}

function costOf(coming: Coming): number {
  const payload = coming.type === "data" ? coming.bytes : coming.type === "manifest" ? coming.digests : undefined;
  return messageBytes + (payload?.length ?? 0);
}
