import type { MonoTypeOperatorFunction } from "rxjs";
import { defer, tap } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { ByteRange, Peer } from "../peers/Peer.js";

/**
 * Holds a peer to the range it was asked for.
 *
 *     source         --a--b--|
 *     exactly(a+b)   --a--b--|
 *     exactly(a)     --a--#
 *     exactly(a+b+c) --a--b--#
 *
 * @throws DownloadError `INVALID_CHUNK` for more or fewer bytes.
 */
export function exactly(peer: Peer, { chunk, length }: ByteRange): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    defer(() => {
      let received = 0;
      const wrong = (): DownloadError => {
        const text = `chunk ${chunk} from ${peer.id} has ${received} bytes, expected ${length}`;
        return new DownloadError("INVALID_CHUNK", text, { chunk, peer: peer.id });
      };
      return source.pipe(
        tap({
          next: (bytes) => {
            received += bytes.length;
            if (received > length) throw wrong();
          },
          complete: () => {
            if (received < length) throw wrong();
          },
        }),
      );
    });
}
