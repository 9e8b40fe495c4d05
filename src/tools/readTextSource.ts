import { defer, finalize, from, map, type Observable } from "rxjs";
import { HttpPeer } from "../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../adapters/http/HttpPeerOptions.js";
import { isPrivate } from "../adapters/network/isPrivate.js";
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

export interface TextRead {
  readonly text: string;
  /** True when it came over the public network, as far as is known. */
  readonly isPublic: boolean;
}

/** The text at a path or an `http(s)` URL. Emits once; errors with what fetching it said, or with `FILE_NOT_FOUND`, `LOCAL_IO` or `INVALID_MANIFEST`. */
export function readTextSource(
  source: string,
  { http, maxBytes = mostTextBytes }: ReadTextSourceConfig,
  discovery: Discovery,
): Observable<TextRead> {
  return defer(() => {
    if (!/^https?:/i.test(source))
      return from(textIn(source, maxBytes)).pipe(map((text) => ({ text, isPublic: false })));
    const peer = new HttpPeer(source, http);
    return fetchText(peer, discovery, maxBytes).pipe(
      map((text) => ({ text, isPublic: !(peer.isPrivate ?? isPrivate(source)) })),
      finalize(() => peer.close()),
    );
  });
}

function textIn(path: string, maxBytes: number): Promise<string> {
  return readTextFile(path, { maxBytes, tooLong: "INVALID_MANIFEST" }).catch((cause: unknown) => {
    throw inputError(path, cause);
  });
}
