import type { SourceLookup } from "./ByteSource.js";

const drawn = new WeakMap<SourceLookup, Set<string>>();

/**
 * The nonces of the connections that seeders of `sources` have with clients now. A download that shares its files there, and is greeted with one of them, has
 * dialled itself: by its own name, or by an address that others see of it. Each is of one connection, so that nobody learns by them who is the same.
 */
export function noncesOf(sources: SourceLookup): Set<string> {
  const nonces = drawn.get(sources) ?? new Set<string>();
  drawn.set(sources, nonces);
  return nonces;
}
