import type { DownloadEvent } from "../../download/DownloadEvent.js";

/** Events that are kept of a download, all chunks together: some megabytes. */
const mostEvents = 20_000;

/** Events of each chunk in one run of a download, as far as they are kept: when there are many, chunks that simply came are forgotten first. */
export class ChunkLog {
  readonly #plain = new Map<number, DownloadEvent[]>();
  readonly #told = new Map<number, DownloadEvent[]>();
  readonly #forgotten = new Set<number>();
  readonly #most: number;
  #events = 0;

  constructor(most = mostEvents) {
    this.#most = most;
  }

  /** Events of a chunk, oldest first; `whole` is false when earlier ones are forgotten. */
  of(chunk: number): { readonly events: readonly DownloadEvent[]; readonly whole: boolean } {
    const events = this.#told.get(chunk) ?? this.#plain.get(chunk) ?? [];
    return { events: [...events], whole: !this.#forgotten.has(chunk) };
  }

  note(event: DownloadEvent): void {
    if (!("chunk" in event) || event.type === "recovering") return;
    const { chunk } = event;
    const events = this.#told.get(chunk) ?? this.#plain.get(chunk) ?? [];
    events.push(event);
    this.#events += 1;
    const isPlain = events.every(({ type }) => type === "attempt-started" || isEnd(type)) && events.length <= 2;
    this.#plain.delete(chunk);
    (isPlain ? this.#plain : this.#told).set(chunk, events);
    while (this.#events > this.#most) this.#forgetOne();
  }

  #forgetOne(): void {
    const chunks = this.#plain.size > 0 ? this.#plain : this.#told;
    for (const [chunk, events] of chunks) {
      chunks.delete(chunk);
      this.#forgotten.add(chunk);
      this.#events -= events.length;
      return;
    }
  }
}

function isEnd(type: DownloadEvent["type"]): boolean {
  return type === "chunk-verified" || type === "chunk-stored";
}
