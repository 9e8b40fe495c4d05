import { DownloadError } from "../errors/DownloadError.js";
import type { OtherVersion, ToldVersion } from "./compareVersions.js";

/**
 * Answers of one run that speak against what an earlier one left. Nothing that is here is given up for one answer: the mirrors are asked again first,
 * and an answer that is weaker than those before never counts.
 */
export class Doubts {
  /** The strong word that was not said again yet. */
  #word: Pick<OtherVersion, "etag"> | undefined;
  /** True when answers have had different ETags: they are those of servers behind one address. */
  #areTagsOfServers = false;
  #open: string | undefined;

  /** A run ended because the file is another one now. */
  heard(): void {
    this.#word = {};
  }

  /** The version `now` without what does not tell versions from one another: its ETags, where they are those of servers. */
  told<T extends ToldVersion>(now: T): T {
    if (!this.#areTagsOfServers || now.mirrors === undefined) return now;
    const mirrors = Object.entries(now.mirrors).map(([mirror, { etag: _, ...others }]) => [mirror, others] as const);
    return { ...now, mirrors: Object.fromEntries(mirrors) };
  }

  /** True when another version was said before, too, and counts: not where it was another ETag that was said. */
  confirms(now: OtherVersion): boolean {
    if (now.isWeak) return false;
    const before = this.#word;
    const isOtherTag = before?.etag !== undefined && now.etag !== undefined && before.etag !== now.etag;
    this.#areTagsOfServers ||= isOtherTag;
    this.#word = before === undefined || isOtherTag ? now : undefined;
    return this.#word === undefined;
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
