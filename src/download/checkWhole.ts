import type { Observable } from "rxjs";
import { concat, concatMap, defer, EMPTY, throwError } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { Digest } from "../manifest/Digest.js";
import { hasherOf } from "../manifest/Hasher.js";
import { hashName } from "../manifest/HashType.js";
import { toHex } from "../manifest/hex.js";
import { hashRange } from "../storage/hashRange.js";
import { sameBytes } from "../transfer/verifyChunk.js";
import type { DownloadRun } from "./DownloadRun.js";

/**
 * Hashes the whole file, if a digest of it is known; emits nothing. When it is another one, nobody knows which bytes are wrong: then
 * nothing of it is claimed any more, and the next run fetches it all.
 *
 * @throws DownloadError `CHECKSUM_MISMATCH`, which names both digests, or `LOCAL_IO`.
 */
export function checkWhole(run: DownloadRun): Observable<never> {
  const { manifest, sink, digest, hashes } = run.parts;
  const { name, size, whole } = manifest;
  if (whole === undefined) return EMPTY;
  const told = defer(() => {
    run.emit({ type: "checking", hash: whole.type });
    return EMPTY;
  });
  const checked = defer(() =>
    hashRange(sink, { offset: 0, length: size }, hasherOf(whole.type, digest, hashes)).pipe(
      concatMap((found = new Uint8Array()) => {
        if (sameBytes(found, whole.bytes)) return EMPTY;
        run.forget();
        return mismatch(name, found, whole);
      }),
    ),
  );
  return concat(told, checked);
}

function mismatch(name: string, found: Uint8Array, { type, bytes }: Digest): Observable<never> {
  const text = `${name} has ${hashName(type)} ${toHex(found)}, expected ${toHex(bytes)}; nothing of it counts`;
  return throwError(() => new DownloadError("CHECKSUM_MISMATCH", text));
}
