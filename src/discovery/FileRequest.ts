import type { Digest } from "../manifest/Digest.js";
import type { Manifest, Pieces } from "../manifest/Manifest.js";
import type { NamedAddress } from "../peers/NamedAddress.js";

/** A file that is asked for: what is known of it, and the addresses of peers that are known to have it. */
export interface FileRequest {
  /** The digest that proves a manifest; absent when only mirrors are known. */
  readonly root?: string;
  /** Manifest with a digest for each chunk; absent when the peers have to be asked for it, or nobody has one. */
  readonly manifest?: Manifest;
  /** The manifest as a peer told it to an earlier run, proved by the root; its name is still a peer's choice. @default none is kept */
  readonly kept?: Manifest;
  /** Digests of chunks by another function, where no root is known by which better ones could be asked for. */
  readonly pieces?: Pieces;
  /** A suggestion. */
  readonly name?: string;
  /** True when the user names the file, so that nobody's suggestion counts. @default false */
  readonly isNamed?: boolean;
  /** Size of the file, bytes. */
  readonly size?: number;
  /** Digest of the whole file; or where it is found by the file's names, once these are known, the likeliest first. */
  readonly whole?: Digest | ((names: readonly string[]) => Digest);
  /** True when some of the file may be here already, perhaps by the name that a mirror suggests. @default it may not */
  readonly isBegun?: (suggested?: string) => boolean;
  /** Places of peers, each as `ws://host:port`. */
  readonly places: readonly string[];
  /** The file's `http://` and `https://` addresses. */
  readonly mirrors: readonly string[];
  /** Places and mirrors that nobody named but a document, as it named them. @default none */
  readonly named?: readonly NamedAddress[];
}
