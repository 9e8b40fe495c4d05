import { defer, map, type OperatorFunction, reduce } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { checkCut, mostChunkBytes } from "./checkManifest.js";
import { chunkSizeFor } from "./chunkSize.js";
import type { Hasher, NewHasher, Sha256 } from "./Hasher.js";
import type { Manifest } from "./Manifest.js";
import { manifestRoot } from "./root.js";

/** Facts of a file that must be known before a manifest is built of its bytes. */
export interface BuildManifestOptions {
  /** Name of the file. */
  readonly name: string;
  /** Size of the file, bytes. */
  readonly size: number;
  /** Bytes a chunk; readers take at most 64 MiB unless told otherwise. @default chunkSizeFor(size) */
  readonly chunkSize?: number;
}

/**
 * Hashes a file's bytes as they pass, in pieces of any size, and emits its manifest at the end. Keeps the digests, not the
 * bytes; a piece may be reused after it was taken.
 *
 * Errors with `INVALID_MANIFEST` when more or fewer bytes come than `size` says.
 */
export function buildManifest(facts: BuildManifestOptions, sha256: Sha256): OperatorFunction<Uint8Array, Manifest> {
  return (pieces) =>
    defer(() =>
      pieces.pipe(
        reduce((digester, piece) => digester.add(piece), new ChunkDigester(facts, sha256)),
        map((digester) => {
          const { name, size, chunkSize } = digester.facts;
          const cut = { size, chunkSize, digests: digester.digests() };
          return { root: manifestRoot(cut, sha256), name, ...cut };
        }),
      ),
    );
}

/** Cuts pieces of any size at chunk borders and keeps each chunk's digest. Errors with `INVALID_MANIFEST` as `buildManifest` does. */
export class ChunkDigester {
  readonly facts: Required<BuildManifestOptions>;
  readonly #newHasher: NewHasher;
  readonly #digests: Uint8Array[] = [];
  #hasher: Hasher;
  #position = 0;

  constructor(facts: BuildManifestOptions, newHasher: NewHasher) {
    this.facts = { ...facts, chunkSize: facts.chunkSize ?? chunkSizeFor(facts.size) };
    checkCut(this.facts, { maxChunkBytes: mostChunkBytes });
    this.#newHasher = newHasher;
    this.#hasher = newHasher();
  }

  add(piece: Uint8Array): this {
    const { size, chunkSize } = this.facts;
    if (this.#position + piece.length > size) this.#refuse(`more than ${size}`);
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + chunkSize - (this.#position % chunkSize));
      this.#hasher.update(part);
      at += part.length;
      this.#position += part.length;
      if (this.#position % chunkSize === 0 || this.#position === size) this.#endChunk();
    }
    return this;
  }

  /** Digests of all chunks, one after the other. */
  digests(): Uint8Array {
    if (this.#position !== this.facts.size) this.#refuse(`${this.#position}`);
    return joinDigests(this.#digests);
  }

  #endChunk(): void {
    this.#digests.push(this.#hasher.digest());
    this.#hasher = this.#newHasher();
  }

  #refuse(got: string): never {
    const { name, size } = this.facts;
    throw new DownloadError(
      "INVALID_MANIFEST",
      `${JSON.stringify(name)} has ${got} bytes, expected ${size}: did it change?`,
    );
  }
}

/** Digests of one function, one after the other. */
export function joinDigests(digests: readonly Uint8Array[]): Uint8Array {
  const [first] = digests;
  const all = new Uint8Array(digests.length * (first?.length ?? 0));
  digests.forEach((digest, index) => all.set(digest, index * digest.length));
  return all;
}
