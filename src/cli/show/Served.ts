import { formatBytes, plural } from "../../command.js";
import type { ServeEvent } from "../../node.js";

/** The account of what was served. */
export class Served {
  #bytes = 0;
  /** Clients that got something and are still there: a download leaves when it has all. */
  readonly #atIt = new Set<string>();

  take(event: ServeEvent): void {
    if (event.type === "connection-closed") this.#atIt.delete(event.peer);
    if (event.type !== "chunk-served") return;
    this.#bytes += event.bytes;
    this.#atIt.add(event.peer);
  }

  get text(): string {
    const { size } = this.#atIt;
    const left = size === 0 ? "" : `; ${plural(size, "other was", "others were")} still being served`;
    return `served ${formatBytes(this.#bytes)}${left}`;
  }
}
