import type { HashType } from "./HashType.js";
import type { Manifest, Pieces } from "./Manifest.js";

/** One file, as a metalink describes it. */
export interface MetalinkFile {
  /** A suggestion only, which is never trusted as a path: see `safeFileName`. */
  readonly name: string;
  /** Bytes; absent when the document does not say. */
  readonly size?: number;
  /** Digest of the whole file, in hex digits in small letters: its SHA-256, or else the best that the document has (see `hashTypes`). */
  readonly hash?: { readonly type: HashType; readonly hex: string };
  /** Manifest with digests; absent when there are no SHA-256 piece hashes. */
  readonly manifest?: Manifest;
  /** The best piece hashes of another type, where there are none of SHA-256. */
  readonly pieces?: Pieces;
  /** Where it may be had, the best place first. */
  readonly urls: readonly string[];
  /** True when these may lead to the public network only, because the document came from there. @default false */
  readonly publicOnly?: boolean;
}
