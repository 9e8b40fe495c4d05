import type { Doubt } from "../storage/ChunkSink.js";

/**
 * Trust of a run in the bytes that it has, after what the sink told of others who were at them.
 *
 * - `whole`: nothing is strange
 * - `shaken`: digests and sums will tell what of it is right; until they have, no record calls the end clean
 * - `lost`: the place is somebody else's; then not even the record may stay that says it is ours
 */
export class Trust {
  #doubt: Doubt | undefined;

  get state(): "whole" | "shaken" | "lost" {
    if (this.#doubt === undefined) return "whole";
    return this.#doubt.kind === "lost" ? "lost" : "shaken";
  }

  /** Takes in what the sink says; answers what the user should know of it, if that is new. */
  hear(doubt: Doubt | undefined): string | undefined {
    if (doubt === undefined) return undefined;
    const news = this.#doubt === undefined || (doubt.kind === "lost" && this.#doubt.kind !== "lost");
    if (news) this.#doubt = doubt;
    return news ? this.complaint : undefined;
  }

  /** Digests and sums have told. */
  restored(): void {
    this.#doubt = undefined;
  }

  /** Why the download cannot be completed as it is. */
  get complaint(): string {
    const consequence =
      this.state === "lost"
        ? "nothing of it counts; the next run begins anew"
        : "what is here is checked again before it counts";
    return `${this.#doubt?.why ?? ""}; ${consequence}`;
  }
}
