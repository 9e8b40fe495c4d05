import { DownloadError } from "../errors/DownloadError.js";
import type { OtherVersion } from "./compareVersions.js";

/**
 * Answers of one run that speak against what an earlier one left. Nothing that is here is given up for one answer: the mirrors are asked again first,
 * and an answer that is weaker than those before never counts.
 */
export class Doubts {
  #strongWords = 0;
  #open: string | undefined;

  /** A run ended because the file is another one now. */
  heard(): void {
    this.#strongWords = 1;
  }

  /** Whether this was said before, and counts. */
  confirms({ isWeak }: OtherVersion): boolean {
    if (isWeak) return false;
    this.#strongWords = (this.#strongWords + 1) % 2;
    return this.#strongWords === 0;
  }

  /**
   * The error of a run that has to ask again; it says what was answered, and how to begin anew if that is right: by removing `path` and its record,
   * or what is kept in memory.
   */
  raise({ why }: OtherVersion, path?: string): DownloadError {
    this.#open = `What the mirrors have now is not what ${path ?? "is here"}${path === undefined ? "" : " is of"}: ${why}`;
    const anew = path === undefined ? "make a new download" : `remove it and ${path}.json`;
    return new DownloadError("PEER_UNAVAILABLE", `${this.#open}. It is left as it is; to begin anew, ${anew}`);
  }

  /** Why the mirrors have to be asked again, once. */
  take(): string | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open;
  }
}
