import type { Integrity } from "../manifest/Manifest.js";
import type { Doubt } from "../storage/ChunkSink.js";

/**
 * Trust of a run in the bytes that it has, after what the sink told of others who were at them.
 *
 * - `whole`: nothing is strange
 * - `shaken`: digests will tell what of it is right; until they have, no record calls the end clean
 * - `gone`: no digest could tell, so nothing of it is claimed any more
 * - `lost`: the place is somebody else's; then not even the record may stay that says it is ours
 */
export class Trust {
  readonly #integrity: Integrity;
  #doubt: Doubt | undefined;

  constructor(integrity: Integrity) {
    this.#integrity = integrity;
  }

  get state(): "whole" | "shaken" | "gone" | "lost" {
    if (this.#doubt === undefined) return "whole";
    if (this.#doubt.kind === "lost") return "lost";
    return this.#integrity === "none" ? "gone" : "shaken";
  }

  /** Takes in what the sink says; answers what the user should know of it, if that is new. */
  hear(doubt: Doubt | undefined): string | undefined {
    // An entry that was only touched is no reason to throw bytes away that nothing could be compared with.
    if (doubt === undefined || (doubt.kind === "entry" && this.#integrity === "none")) return undefined;
    const news = this.#doubt === undefined || (doubt.kind === "lost" && this.#doubt.kind !== "lost");
    if (news) this.#doubt = doubt;
    return news ? `${doubt.why}; ${this.#consequence}` : undefined;
  }

  /** The digests have told. */
  restored(): void {
    this.#doubt = undefined;
  }

  /** Why the download cannot be completed. */
  get complaint(): string {
    return `${this.#doubt?.why ?? ""}; ${this.#consequence}`;
  }

  get #consequence(): string {
    switch (this.state) {
      case "whole":
      case "shaken":
        return "what is here is hashed again before it counts";
      case "gone":
        return "no digest could tell what of it is right, so nothing of it counts; the next run fetches it anew";
      case "lost":
        return "nothing of it counts; the next run begins anew";
    }
  }
}
