import { DownloadError } from "../../errors/DownloadError.js";
import { printable } from "../../errors/printable.js";
import { contentLength } from "./contentLength.js";
import { parseContentRange } from "./contentRange.js";
import type { MirrorFacts } from "../../protocol/MirrorFacts.js";
import { checkFacts } from "./checkFacts.js";
import type { HttpAnswer } from "./HttpLine.js";

/** First and last byte that were asked for. */
export interface AskedRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Holds a 206 to what was asked for, before any of its bytes is used, and returns the size of the file where it tells.
 *
 * @throws DownloadError `RESOURCE_CHANGED` when it is of another file, `PROTOCOL_ERROR` when it is of other bytes or does not say of which.
 */
export function checkPart(
  peer: string,
  answer: HttpAnswer,
  { first, last }: AskedRange,
  known: MirrorFacts,
): number | undefined {
  checkEncoding(peer, answer);
  const header = answer.headers["content-range"];
  const range = parseContentRange(header);
  const wrong = (what: string): DownloadError => {
    return new DownloadError("PROTOCOL_ERROR", `${peer} answered 206 with ${what}`, { peer });
  };
  if (/^multipart\//i.test(answer.headers["content-type"] ?? "")) throw wrong("several parts, expected one");
  if (range === undefined) {
    const got = header === undefined ? "no Content-Range that can be seen" : `Content-Range ${printable(header)}`;
    throw wrong(`${got}, expected bytes ${first}-${last}`);
  }
  // A file that shrank also answers with an end that was not asked for, which is no lie.
  checkFacts(peer, answer, range.total, known);
  if (range.first !== first || range.last !== last) {
    throw wrong(`bytes ${range.first}-${range.last}, expected ${first}-${last}`);
  }
  const length = contentLength(answer.headers) ?? last - first + 1;
  if (length !== last - first + 1) throw wrong(`${length} bytes, expected ${last - first + 1}`);
  return range.total;
}

/** @throws DownloadError `PROTOCOL_ERROR` when the bytes are not those of the file as it is. */
export function checkEncoding(peer: string, { headers }: HttpAnswer): void {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return;
  const text = `${peer} encodes the file as ${printable(encoding)}, expected it as it is`;
  throw new DownloadError("PROTOCOL_ERROR", text, { peer });
}
