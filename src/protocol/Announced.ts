import type { Digest } from "../manifest/Digest.js";

/** Announcements of a server beside the bytes of its file: in the fields of its answers, or of redirects that led to it. Nothing of it is believed yet. */
export interface Announced {
  /** Digests of the whole file, one of a function at most. */
  readonly digests: readonly Digest[];
  /** Other addresses of the file, absolute, the best first (RFC 6249, `rel=duplicate`). */
  readonly duplicates: readonly string[];
  /** Addresses of Metalinks that describe it, absolute (`rel=describedby`). */
  readonly describedBy: readonly string[];
}
