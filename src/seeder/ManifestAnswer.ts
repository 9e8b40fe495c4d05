import { digestLength } from "../manifest/chunks.js";
import type { Manifest } from "../manifest/Manifest.js";
import { encodeMessage } from "../protocol/codec.js";
import { digestsPerSlice, longestName } from "../protocol/digestsPerSlice.js";
import type { GetManifest } from "../protocol/messages.js";
import type { Answer, OutgoingFrame } from "./Answer.js";

/** One slice of a manifest. Encoded when its turn comes, so that waiting costs no memory. */
export class ManifestAnswer implements Answer {
  readonly id: number;
  finished = false;
  readonly #manifest: Manifest;
  readonly #from: number;
  readonly #digests: number;

  constructor(request: GetManifest, manifest: Manifest, clientFrameBytes: number) {
    this.id = request.id;
    this.#manifest = manifest;
    this.#from = request.from;
    this.#digests = digestsPerSlice(clientFrameBytes, manifest.name);
  }

  fill(): void {
    // Nothing to read: manifests are in memory.
  }

  next(): OutgoingFrame {
    const { root, size, chunkSize, name, digests } = this.#manifest;
    this.finished = true;
    const frame = encodeMessage({
      type: "manifest",
      id: this.id,
      root,
      size,
      chunkSize,
      name: name.slice(0, longestName),
      from: this.#from,
      total: digests.length / digestLength,
      digests: digests.subarray(this.#from * digestLength, (this.#from + this.#digests) * digestLength),
    });
    return { frame };
  }

  dispose(): void {
    // Nothing is held.
  }
}
