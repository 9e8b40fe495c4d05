import { defer, finalize, type Observable } from "rxjs";
import { HttpPeer } from "../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import { readTextFile } from "../adapters/node/readTextFile.js";
import type { Discovery } from "../discovery/Discovery.js";
import { fetchText, mostTextBytes } from "../discovery/fetchText.js";
import { inputError } from "./inputFile.js";

export interface ReadTextSourceConfig {
  /** How a URL is reached. */
  readonly http: HttpPeerOptions;
  /** Bytes of a document. @default 4194304 */
  readonly maxBytes?: number | undefined;
}

/** The text at a path or an `http(s)` URL. Emits once; errors with what fetching it said, or with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`. */
export function readTextSource(
  source: string,
  { http, maxBytes = mostTextBytes }: ReadTextSourceConfig,
  discovery: Discovery,
): Observable<string> {
  return defer(() => {
    if (!/^https?:/i.test(source)) return textIn(source, maxBytes);
    const peer = new HttpPeer(source, http);
    return fetchText(peer, discovery, maxBytes).pipe(finalize(() => peer.close()));
  });
}

function textIn(path: string, maxBytes: number): Promise<string> {
  return readTextFile(path, { maxBytes, tooLong: "INVALID_MANIFEST" }).catch((cause: unknown) => {
    throw inputError(path, cause);
  });
}
