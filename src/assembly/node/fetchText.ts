import { finalize, map, type Observable, reduce } from "rxjs";
import { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { resolveRetryConfig } from "../../download/RetryConfig.js";
import { askMirror } from "../mirrors/askMirror.js";
import type { FetchText } from "./readMetalinkSource.js";

const mostBytes = 32 * 1024 * 1024;

/** Fetches a text of at most 32 MiB over HTTP, and asks again after passing errors. Errors with the code of what the server said. */
export function fetchText(options: HttpPeerOptions): FetchText {
  return (url) => {
    const peer = new HttpPeer(url, options);
    const text = (): Observable<string> =>
      peer.whole().pipe(
        reduce((all: Uint8Array[], bytes) => [...all, checked(all, bytes, peer.id)], []),
        map((pieces) => new TextDecoder().decode(Buffer.concat(pieces))),
      );
    return askMirror(peer, text, resolveRetryConfig()).pipe(finalize(() => peer.close()));
  };
}

function checked(before: readonly Uint8Array[], bytes: Uint8Array, peer: string): Uint8Array {
  const size = before.reduce((sum, { length }) => sum + length, bytes.length);
  if (size <= mostBytes) return bytes;
  throw new DownloadError("INVALID_MANIFEST", `${peer} has more than ${mostBytes} bytes, expected a metalink`);
}
