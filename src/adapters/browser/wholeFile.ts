import { defer, type Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";

/** Bytes of a file that nobody writes to any more, for others. One that somebody changes all the same is `RESOURCE_CHANGED`. */
export function wholeFile(file: File): ProvenBytes {
  return { read: (offset, length): Observable<Uint8Array> => defer(() => bytesOf(file, offset, length)) };
}

/** Bytes of it. Rejects with `RESOURCE_CHANGED` where it has changed since it was looked up. */
export async function bytesOf(file: File, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await file
    .slice(offset, offset + length)
    .arrayBuffer()
    .catch((cause: unknown) => {
      throw new DownloadError("RESOURCE_CHANGED", `${file.name} changed since it was whole`, { cause });
    });
  return new Uint8Array(bytes);
}
