import type { Manifest } from "../manifest/Manifest.js";

/** A file that is asked for: what is known of it, and the addresses of peers that are known to have it. */
export interface FileRequest {
  /** The digest that proves a manifest; absent when only mirrors are known. */
  readonly root?: string;
  /** With a digest for each chunk; absent when the peers have to be asked for it, or nobody has one. */
  readonly manifest?: Manifest;
  /** A suggestion. */
  readonly name?: string;
  /** Bytes. */
  readonly size?: number;
  /** Of the whole file, 32 bytes. */
  readonly sha256?: Uint8Array;
  /** Whether some of it may be here already. @default it may not */
  readonly isBegun?: () => boolean;
  /** Each as `ws://host:port`. */
  readonly places: readonly string[];
  /** The file's `http://` and `https://` addresses. */
  readonly mirrors: readonly string[];
}
