import { defer, EMPTY, type Observable, throwError } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { digestOf } from "../manifest/chunks.js";
import { toHex } from "../manifest/hex.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";

/**
 * Completes when the chunk, which is whole, is what the manifest says, or when that says nothing of it.
 *
 * @throws DownloadError `CHECKSUM_MISMATCH`, which names both digests.
 */
export function verifyChunk(manifest: FileFacts, assembly: ChunkAssembly): Observable<never> {
  return defer(() => {
    const { index } = assembly.chunk;
    const wanted = digestOf(manifest, index);
    if (wanted === undefined) return EMPTY;
    const got = assembly.digest();
    if (sameBytes(got, wanted)) return EMPTY;
    const from = Object.keys(assembly.peers).join(" and ");
    const text = `chunk ${index} from ${from} has SHA-256 ${toHex(got)}, expected ${toHex(wanted)}`;
    return throwError(() => new DownloadError("CHECKSUM_MISMATCH", text, { chunk: index }));
  });
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
