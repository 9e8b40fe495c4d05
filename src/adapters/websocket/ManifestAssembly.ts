import { DownloadError } from "../../errors/DownloadError.js";
import { checkCut, checkManifest } from "../../manifest/checkManifest.js";
import { chunkCount, digestLength } from "../../manifest/chunks.js";
import type { Sha256 } from "../../manifest/Hasher.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { digestsPerSlice } from "../../protocol/digestsPerSlice.js";
import type { ManifestSlice } from "../../protocol/messages.js";
import { reasonOf } from "../../protocol/reasonOf.js";

interface Limits {
  readonly maxFrameBytes: number;
  readonly maxChunks: number;
  readonly maxChunkBytes: number;
  readonly maxFileBytes: number;
  readonly maxNameLength: number;
}

/** Puts the slices of a stranger's manifest together. Faults of it are the peer's: `PROTOCOL_ERROR`. */
export class ManifestAssembly {
  readonly #peer: string;
  readonly #limits: Limits;
  #first: ManifestSlice | undefined;
  #digests = new Uint8Array(0);
  #filled = 0;
  #isWrong = false;

  constructor(peer: string, limits: Limits) {
    this.#peer = peer;
    this.#limits = limits;
  }

  /** True when no slice can be added: the manifest is whole, or a fault was found. */
  get isOver(): boolean {
    return this.#isWrong || (this.#first !== undefined && this.#filled === this.#digests.length);
  }

  /** The chunk of the first digest that is missing. */
  get next(): number {
    return this.#filled / digestLength;
  }

  /** Takes the next slice and says whether the manifest is whole. Nothing is allocated for more than the limits allow. */
  add(slice: ManifestSlice): boolean {
    const first = this.#first ?? this.#begin(slice);
    if (slice.size !== first.size || slice.chunkSize !== first.chunkSize || slice.total !== first.total) {
      throw this.#wrong("its slices tell of different files");
    }
    const end = this.#filled + slice.digests.length;
    if (end > this.#digests.length) throw this.#wrong(`it has more than ${first.total} digests`);
    const [count, full] = [
      slice.digests.length / digestLength,
      digestsPerSlice(this.#limits.maxFrameBytes, slice.name),
    ];
    // Each slice costs a round trip: a peer that sends one digest at a time could hold a download up for hours.
    if (count < full && end < this.#digests.length)
      throw this.#wrong(`a slice has ${count} digests, expected ${full} in each but the last`);
    this.#digests.set(slice.digests, this.#filled);
    this.#filled = end;
    return end === this.#digests.length;
  }

  /** The manifest, when its root is the one that was asked for. */
  finish(root: string, sha256: Sha256): Manifest {
    const { size = 0, chunkSize = 0, name = "" } = this.#first ?? {};
    return this.#blaming(() =>
      checkManifest({ root, name, size, chunkSize, digests: this.#digests }, sha256, this.#limits),
    );
  }

  #begin(slice: ManifestSlice): ManifestSlice {
    const { maxFileBytes, maxNameLength } = this.#limits;
    this.#blaming(() => checkCut(slice, this.#limits));
    if (slice.size > maxFileBytes)
      throw this.#wrong(`the file has ${slice.size} bytes, expected at most ${maxFileBytes}`);
    if (slice.name.length > maxNameLength) {
      throw this.#wrong(`the name has ${slice.name.length} characters, expected at most ${maxNameLength}`);
    }
    if (slice.total !== chunkCount(slice)) {
      throw this.#wrong(`it tells of ${slice.total} chunks, expected ${chunkCount(slice)}`);
    }
    this.#digests = new Uint8Array(slice.total * digestLength);
    this.#first = slice;
    return slice;
  }

  #blaming<T>(check: () => T): T {
    try {
      return check();
    } catch (cause) {
      throw this.#wrong(reasonOf(cause), cause);
    }
  }

  #wrong(reason: string, cause?: unknown): DownloadError {
    this.#isWrong = true;
    return new DownloadError("PROTOCOL_ERROR", `the manifest of ${this.#peer}: ${reason}`, { peer: this.#peer, cause });
  }
}
