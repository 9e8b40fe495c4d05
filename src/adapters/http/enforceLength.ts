import { defer, type MonoTypeOperatorFunction, tap } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";

/**
 * Holds a body to its length.
 *
 * @throws DownloadError `CONNECTION_LOST` for fewer bytes, as a connection that closes early looks where the server named no length;
 *   `INVALID_CHUNK` for more, of which none is passed on that is too many.
 */
export function enforceLength(peer: string, length: number | undefined): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    defer(() => {
      if (length === undefined) return source;
      let received = 0;
      return source.pipe(
        tap({
          next: (bytes) => {
            received += bytes.length;
            if (received > length) throw wrong("INVALID_CHUNK", `more than ${length} bytes, expected ${length}`);
          },
          complete: () => {
            if (received < length) throw wrong("CONNECTION_LOST", `${received} bytes, expected ${length}`);
          },
        }),
      );
    });

  function wrong(code: "INVALID_CHUNK" | "CONNECTION_LOST", what: string): DownloadError {
    return new DownloadError(code, `${peer} sent ${what}`, { peer });
  }
}
