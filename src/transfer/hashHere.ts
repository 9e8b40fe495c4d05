import { defer, of } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import type { DigestOf } from "./ChunkAssembly.js";

/** Hashes in this thread, at once. */
export function hashHere(sha256: Sha256): DigestOf {
  return (bytes) =>
    defer(() => {
      const hasher = sha256();
      hasher.update(bytes);
      return of(hasher.digest());
    });
}
