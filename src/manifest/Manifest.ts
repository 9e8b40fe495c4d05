/** The name card of a file: how long it is, how it is cut, and what each piece hashes to. */
export interface Manifest {
  /** 64 hex digits that commit to size, chunk size and every digest: whoever has the root can check a manifest from anybody. */
  readonly root: string;
  /** A suggestion only. Never trusted as a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of every chunk but the last. */
  readonly chunkSize: number;
  /** SHA-256 of each chunk, 32 bytes each, one after the other. */
  readonly digests: Uint8Array;
}

/** Facts of a file that is to be downloaded: a manifest, or as much of one as there is. */
export interface FileFacts extends Omit<Manifest, "digests"> {
  /** Absent when only the file's places are known: then its chunks cannot be verified. */
  readonly digests?: Uint8Array;
  /** SHA-256 of the whole file, 32 bytes, where it is known. Checked when all chunks are there. */
  readonly sha256?: Uint8Array;
  /** Validators of the versions that its mirrors have, by the place of each; kept with the progress, so that another version is noticed. */
  readonly mirrors?: Readonly<Record<string, Validators>>;
}

/** By what a mirror tells one version of a file from another (RFC 9110, section 8.8), and what its answer was like. */
export interface Validators {
  /** A strong one, with its quotes. */
  readonly etag?: string;
  /** As the server wrote it. */
  readonly lastModified?: string;
  /** Whether it gave parts of it; absent where it did not. */
  readonly ranges?: true;
  /** Media type, in small letters, without parameters. */
  readonly type?: string;
}

/** By what the bytes of a file can be verified: chunk by chunk, once as a whole, or not at all. */
export type Integrity = "chunks" | "file" | "none";

export function integrityOf({ digests, sha256 }: Pick<FileFacts, "digests" | "sha256">): Integrity {
  if (digests !== undefined) return "chunks";
  return sha256 === undefined ? "none" : "file";
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
