import type { Observable } from "rxjs";
import { concat, concatMap, defer, EMPTY, throwError } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { toHex } from "../manifest/hex.js";
import { hashRange } from "../storage/hashRange.js";
import { sameBytes } from "../transfer/verifyChunk.js";
import type { DownloadRun } from "./DownloadRun.js";

/**
 * Hashes the whole file, if its SHA-256 is known; emits nothing. When it is another one, nobody knows which bytes are wrong: then
 * nothing of it is claimed any more, and the next run fetches it all.
 *
 * @throws DownloadError `CHECKSUM_MISMATCH`, which names both digests, or `LOCAL_IO`.
 */
export function checkWhole(run: DownloadRun): Observable<never> {
  const { manifest, sink, digest } = run.parts;
  const { name, size, sha256: wanted } = manifest;
  if (wanted === undefined) return EMPTY;
  const told = defer(() => {
    run.notice(`All of ${name} is here; its SHA-256 is checked`);
    return EMPTY;
  });
  const checked = hashRange(sink, { offset: 0, length: size }, digest).pipe(
    concatMap((found = new Uint8Array()) => {
      if (sameBytes(found, wanted)) return EMPTY;
      run.forget();
      return mismatch(name, found, wanted);
    }),
  );
  return concat(told, checked);
}

function mismatch(name: string, found: Uint8Array, wanted: Uint8Array): Observable<never> {
  const text = `${name} has SHA-256 ${toHex(found)}, expected ${toHex(wanted)}; nothing of it counts`;
  return throwError(() => new DownloadError("CHECKSUM_MISMATCH", text));
}
