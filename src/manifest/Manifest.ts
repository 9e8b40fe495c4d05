/** The name card of a file: how long it is, how it is cut, and what each piece hashes to. */
export interface Manifest {
  /** 64 hex digits that commit to size, chunk size and every digest: whoever has the root can check a manifest from anybody. */
  readonly root: string;
  /** A suggestion only. It is never trusted as a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of every chunk but the last. */
  readonly chunkSize: number;
  /** SHA-256 of each chunk, 32 bytes each, one after the other. */
  readonly digests: Uint8Array;
}

/** A numbered piece of the file. */
export interface Chunk {
  /** 0-based. */
  readonly index: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}
