import type { Manifest } from "./Manifest.js";

/** One file, as a metalink describes it. */
export interface MetalinkFile {
  /** A suggestion only, which is never trusted as a path: see `safeFileName`. */
  readonly name: string;
  /** Bytes; absent when the document does not say. */
  readonly size?: number;
  /** SHA-256 of the whole file, 64 hex digits in small letters; hashes of other types are passed over. */
  readonly sha256?: string;
  /** With digests; absent when there are no SHA-256 piece hashes. */
  readonly manifest?: Manifest;
  /** Where it may be had, the best place first. */
  readonly urls: readonly string[];
}
