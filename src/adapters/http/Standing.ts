import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";

/** Codes of connections that broke before an answer came. */
export const broken: ReadonlySet<DownloadErrorCode> = new Set([
  "CONNECTION_REFUSED",
  "CONNECTION_RESET",
  "CONNECTION_LOST",
]);

/** The answers of one mirror that are being read. */
export class Standing {
  readonly #id: string;
  #now = 0;
  #read = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** From how many answers bytes were read. */
  get read(): number {
    return this.#read;
  }

  /** One more is read; the result ends that. */
  begin(): () => void {
    this.#now += 1;
    this.#read += 1;
    return () => (this.#now -= 1);
  }

  /** The error of a question that had no answer. A mirror that serves some of our connections and lets no more in is busy, not broken. */
  crowded(error: unknown): unknown {
    if (this.#now === 0 || !(error instanceof DownloadError) || !broken.has(error.code)) return error;
    const text = `${this.#id} takes no more than ${this.#now} connections: ${error.message}`;
    return new DownloadError("PEER_BUSY", text, { peer: this.#id, cause: error });
  }
}
