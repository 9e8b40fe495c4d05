import type { Digest } from "./Digest.js";
import { type HashType, hashTypes } from "./HashType.js";

/** The name card of a file: how long it is, how it is cut, and what each piece hashes to. */
export interface Manifest {
  /** 64 hex digits that commit to size, chunk size and every digest: whoever has the root can check a manifest from anybody. */
  readonly root: string;
  /** A suggestion only. Never trusted as a path. */
  readonly name: string;
  /** Size of the file, bytes. */
  readonly size: number;
  /** Bytes of every chunk but the last. */
  readonly chunkSize: number;
  /** SHA-256 of each chunk, 32 bytes each, one after the other. */
  readonly digests: Uint8Array;
}

/**
 * Digests of a file's chunks by another function than SHA-256, as others publish them. Wrong chunks are found by them; but there is no root by which
 * peers could be asked for them: theirs only tells one set of them from another.
 */
export interface Pieces extends Manifest {
  /** Digests of the pieces, of as many bytes as the function gives, one after the other. */
  readonly digests: Uint8Array;
  readonly digestType: HashType;
}

/** Facts of a file that is to be downloaded: a manifest, or as much of one as there is. */
export interface FileFacts extends Omit<Manifest, "digests"> {
  /** Absent when only the file's places are known: then its chunks cannot be verified. */
  readonly digests?: Uint8Array;
  /** The function of `digests`. @default "sha-256" */
  readonly digestType?: HashType;
  /**
   * True when the digests were found beside the file, and may be missing next time: then the root is that of the file without them, and what an
   * earlier run claims is hashed before it counts. @default they are what the root is of
   */
  readonly digestsFound?: true;
  /** Digest of the whole file, where it is known. Checked when all chunks are there. */
  readonly whole?: Digest;
  /** Validators of the versions that its mirrors have, by the place of each; kept with the progress, so that another version is noticed. */
  readonly mirrors?: Readonly<Record<string, Validators>>;
}

/** Signs by which a mirror tells one version of a file from another (RFC 9110, section 8.8), and the shape of its answer. */
export interface Validators {
  /** Strong ETag, with its quotes. */
  readonly etag?: string;
  /** Last-Modified, as the server wrote it. */
  readonly lastModified?: string;
  /** True when it gave parts of it; absent where it did not. */
  readonly ranges?: true;
  /** Media type, in small letters, without parameters. */
  readonly type?: string;
}

/**
 * By what the bytes of a file can be verified: chunk by chunk; once as a whole; or not at all. `weak`: by functions that only find accidents (see
 * `hashTypes`), which is not called verified.
 */
export type Integrity = "chunks" | "file" | "weak" | "none";

export function integrityOf(facts: Pick<FileFacts, "digests" | "digestType" | "whole">): Integrity {
  const { chunks, whole } = checksOf(facts);
  if (chunks !== undefined && hashTypes[chunks].proves) return "chunks";
  if (whole !== undefined && hashTypes[whole].proves) return "file";
  return chunks === undefined && whole === undefined ? "none" : "weak";
}

/** The functions by which a file is checked, where it is. */
export interface Checks {
  readonly chunks?: HashType;
  readonly whole?: HashType;
}

export function checksOf({
  digests,
  digestType = "sha-256",
  whole,
}: Pick<FileFacts, "digests" | "digestType" | "whole">): Checks {
  return {
    ...(digests !== undefined && { chunks: digestType }),
    ...(whole !== undefined && { whole: whole.type }),
  };
}

/** A numbered piece of the file. */
export interface Chunk {
  /** 0-based. */
  readonly index: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Length of the chunk, bytes. */
  readonly length: number;
}
