import type { MonoTypeOperatorFunction } from "rxjs";
import { tap } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { digestOf } from "../manifest/chunks.js";
import { toHex } from "../manifest/hex.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { ChunkAssembly, Piece } from "./ChunkAssembly.js";

/**
 * Passes the chunk's pieces on and errors at the end when what was assembled is not what the manifest says.
 *
 *     source   --a--b--|
 *     result   --a--b--|      digest matches
 *     result   --a--b--#      it does not
 *
 * @throws DownloadError `CHECKSUM_MISMATCH`, which names both digests.
 */
export function verifyChunk(manifest: FileFacts, assembly: ChunkAssembly): MonoTypeOperatorFunction<Piece> {
  return tap({
    complete: () => {
      if (!matches(manifest, assembly)) throw mismatch(manifest, assembly);
    },
  });
}

function mismatch(manifest: FileFacts, assembly: ChunkAssembly): DownloadError {
  const { index } = assembly.chunk;
  const [got, wanted] = [assembly.digest(), digestOf(manifest, index) ?? new Uint8Array()].map(toHex);
  const from = Object.keys(assembly.peers).join(" and ");
  const text = `chunk ${index} from ${from} has SHA-256 ${got}, expected ${wanted}`;
  return new DownloadError("CHECKSUM_MISMATCH", text, { chunk: index });
}

/** Whether the chunk is whole, and its digest the manifest's if that has one. */
export function matches(manifest: FileFacts, assembly: ChunkAssembly): boolean {
  if (!assembly.isWhole) return false;
  const wanted = digestOf(manifest, assembly.chunk.index);
  return wanted === undefined || sameBytes(assembly.digest(), wanted);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
