import { verdicts } from "../errors/verdicts.js";
import type { DownloadEvent, DownloadEventOf, UntimedEvent } from "./DownloadEvent.js";

/**
 * True when a failed request is trouble for its chunk: one that brought bytes and goes on is none, nor is one that is nobody's failure, or of a peer
 * that lacks the chunk.
 */
export function isTrouble({ continued, received, verdict, code }: DownloadEventOf<"attempt-failed">): boolean {
  const goesOn = continued && received > 0 && verdict === "retry";
  return !goesOn && !["busy", "nobody", "missing"].includes(verdicts[code].blame);
}

/** Watches a download come into trouble, and out of it: one word at each end, however many chunks are in it. */
export class Recovery {
  /** In trouble, and not verified since. */
  readonly #troubled = new Set<number>();
  #since = 0;
  #chunks = 0;
  #retries = 0;
  #switches = 0;
  #replacements = 0;

  /** Event that is to be told after `event`, if anything. */
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
      case "hedge-started":
        if (event.reason === "dead" && this.#troubled.has(event.chunk)) this.#replacements++;
        return undefined;
      case "chunk-verified":
      case "chunk-stored":
        return this.#complete(event);
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
      this.#replacements = 0;
    }
    if (!this.#troubled.has(chunk)) this.#chunks++;
    this.#troubled.add(chunk);
    return begins ? { type: "recovering", chunk, peer, code } : undefined;
  }

  #complete({ chunk, at }: DownloadEventOf<"chunk-verified" | "chunk-stored">): UntimedEvent | undefined {
    if (!this.#troubled.delete(chunk) || this.#troubled.size > 0) return undefined;
    return {
      type: "recovered",
      chunks: this.#chunks,
      retries: this.#retries,
      switches: this.#switches,
      replacements: this.#replacements,
      elapsedMs: at - this.#since,
    };
  }
}
