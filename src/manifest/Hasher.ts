import type { Observable } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { hashName, type HashType } from "./HashType.js";

/** A running hash: SHA-256, unless something else is said. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The state so far as a hasher of its own, so that a prefix can be digested while the whole goes on. */
  copy(): Hasher;
  /** Digest of the bytes so far, as long as its function gives. A hasher is spent afterwards. */
  digest(): Uint8Array;
}

/** Starts a hash of any function that there is. */
export interface NewHasher {
  (): Hasher;
  /**
   * Digest of bytes that are all here, where a platform makes that faster than a running hash, or beside this thread; emits once. The bytes are read
   * before the subscription returns. @default by a running hash
   */
  readonly whole?: (bytes: Uint8Array) => Observable<Uint8Array>;
}

/** Starts a SHA-256. Platforms bring their fastest. The bytes that are added may lie in shared memory. */
export type Sha256 = NewHasher;

/** The functions that a platform has; one that it does not have is nothing. */
export type Hashes = (type: HashType) => NewHasher | undefined;

/**
 * The start of one function's hashes; without `hashes`, SHA-256 is the only one.
 *
 * @throws DownloadError `INVALID_MANIFEST` where the platform lacks it.
 */
export function hasherOf(type: HashType, sha256: Sha256, hashes?: Hashes): NewHasher {
  const found = type === "sha-256" ? sha256 : hashes?.(type);
  if (found !== undefined) return found;
  throw new DownloadError(
    "INVALID_MANIFEST",
    `digests of type ${type} were given, and there is no ${hashName(type)} here`,
  );
}

const empty = new Uint8Array();
const hasher: Hasher = { update: () => undefined, copy: () => hasher, digest: () => empty };

/** Digests nothing: for files whose chunks have no digest to compare with. */
export const unhashed = (): Hasher => hasher;
