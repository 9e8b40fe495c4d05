import type { DownloadEvent, DownloadEventOf, UntimedEvent } from "./DownloadEvent.js";

/** Whether a failed request is trouble for its chunk: one that brought it on goes on, and a busy peer has not failed. */
export function isTrouble({ continued, verdict }: DownloadEventOf<"attempt-failed">): boolean {
  return !(continued && verdict === "retry");
}

/** Watches a download come into trouble, and out of it: one word at each end, however many chunks are in it. */
export class Recovery {
  /** In trouble, and not verified since. */
  readonly #troubled = new Set<number>();
  #since = 0;
  #chunks = 0;
  #retries = 0;
  #switches = 0;

  /** What is to be told after `event`, if anything. */
  after(event: DownloadEvent): UntimedEvent | undefined {
    switch (event.type) {
      case "attempt-failed":
        return isTrouble(event) ? this.#failed(event) : undefined;
      case "retry-scheduled":
        if (this.#troubled.has(event.chunk)) this.#retries++;
        return undefined;
      case "peer-switched":
        if (this.#troubled.has(event.chunk)) this.#switches++;
        return undefined;
      case "chunk-verified":
        return this.#verified(event);
      default:
        return undefined;
    }
  }

  #failed({ chunk, peer, code, at }: DownloadEventOf<"attempt-failed">): UntimedEvent | undefined {
    const begins = this.#troubled.size === 0;
    if (begins) {
      this.#since = at;
      this.#chunks = 0;
      this.#retries = 0;
      this.#switches = 0;
    }
    if (!this.#troubled.has(chunk)) this.#chunks++;
    this.#troubled.add(chunk);
    return begins ? { type: "recovering", chunk, peer, code } : undefined;
  }

  #verified({ chunk, at }: DownloadEventOf<"chunk-verified">): UntimedEvent | undefined {
    if (!this.#troubled.delete(chunk) || this.#troubled.size > 0) return undefined;
    const [chunks, retries, switches] = [this.#chunks, this.#retries, this.#switches];
    return { type: "recovered", chunks, retries, switches, elapsedMs: at - this.#since };
  }
}
