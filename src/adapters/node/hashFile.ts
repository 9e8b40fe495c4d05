import { map, type Observable, switchMap } from "rxjs";
import { toHex } from "../../manifest/hex.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { type ManifestOfFileOptions, manifestOfStats, statOfFile } from "./manifestOfFile.js";
import { sha256 } from "./sha256.js";

/** The digests of a file: of its chunks, and of the whole. */
export interface HashedFile {
  readonly manifest: Manifest;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** As `manifestOfFile`, with the hash of the whole file from the same reading. */
export function hashFile(path: string, options: ManifestOfFileOptions = {}): Observable<HashedFile> {
  return statOfFile(path).pipe(
    switchMap((stats) => {
      const whole = sha256();
      return manifestOfStats(path, stats, options, (piece) => whole.update(piece)).pipe(
        map((manifest) => ({ manifest, sha256: toHex(whole.digest()) })),
      );
    }),
  );
}
