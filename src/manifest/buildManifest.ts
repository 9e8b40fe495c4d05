import { defer, map, type OperatorFunction, reduce } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { checkCut, mostChunkBytes } from "./checkManifest.js";
import { chunkCount, digestLength } from "./chunks.js";
import { chunkSizeFor } from "./chunkSize.js";
import type { Hasher, Sha256 } from "./Hasher.js";
import type { Manifest } from "./Manifest.js";
import { manifestRoot } from "./root.js";

/** Facts of a file that must be known before its bytes. */
export interface FileFacts {
  readonly name: string;
  /** Bytes. */
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
export function buildManifest(facts: FileFacts, sha256: Sha256): OperatorFunction<Uint8Array, Manifest> {
  return (pieces) =>
    defer(() =>
      pieces.pipe(
        reduce((digester, piece) => digester.add(piece), new Digester(facts, sha256)),
        map((digester) => digester.manifest()),
      ),
    );
}

/** Cuts pieces of any size at chunk borders and keeps each chunk's digest. */
class Digester {
  readonly #facts: Required<FileFacts>;
  readonly #sha256: Sha256;
  readonly #digests: Uint8Array;
  #hasher: Hasher;
  #position = 0;

  constructor(facts: FileFacts, sha256: Sha256) {
    this.#facts = { ...facts, chunkSize: facts.chunkSize ?? chunkSizeFor(facts.size) };
    checkCut(this.#facts, { maxChunkBytes: mostChunkBytes });
    this.#sha256 = sha256;
    this.#digests = new Uint8Array(chunkCount(this.#facts) * digestLength);
    this.#hasher = sha256();
  }

  add(piece: Uint8Array): this {
    const { size, chunkSize } = this.#facts;
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

  manifest(): Manifest {
    const { name, size, chunkSize } = this.#facts;
    if (this.#position !== size) this.#refuse(`${this.#position}`);
    const cut = { size, chunkSize, digests: this.#digests };
    return { root: manifestRoot(cut, this.#sha256), name, ...cut };
  }

  #endChunk(): void {
    const index = Math.ceil(this.#position / this.#facts.chunkSize) - 1;
    this.#digests.set(this.#hasher.digest(), index * digestLength);
    this.#hasher = this.#sha256();
  }

  #refuse(got: string): never {
    const { name, size } = this.#facts;
    throw new DownloadError(
      "INVALID_MANIFEST",
      `${JSON.stringify(name)} has ${got} bytes, expected ${size}: did it change?`,
    );
  }
}
