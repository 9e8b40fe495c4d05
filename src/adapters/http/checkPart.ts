import { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import { checkCoding } from "./checkCoding.js";
import { contentLength } from "./contentLength.js";
import { type ContentRange, parseContentRange } from "./contentRange.js";
import type { MirrorFacts } from "../../protocol/MirrorFacts.js";
import { checkFacts } from "./checkFacts.js";
import type { HttpAnswer } from "./HttpAnswer.js";

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
  const range = rangeOf(peer, answer, { first, last, words: `${first}-${last}` }, known);
  if (range.first !== first || range.last !== last) {
    throw wrongPart(peer, `bytes ${range.first}-${range.last}, expected ${first}-${last}`);
  }
  return range.total;
}

/**
 * Holds a 206 to a part from the first byte on, with as many bytes as the mirror pleases, and returns its range; `asked` counts where that cannot be seen.
 *
 * @throws DownloadError as `checkPart` does.
 */
export function checkBeginning(
  peer: string,
  answer: HttpAnswer,
  { last }: AskedRange,
  known: MirrorFacts,
): ContentRange {
  const range = rangeOf(peer, answer, { first: 0, last, words: "0-" }, known);
  if (range.first !== 0) throw wrongPart(peer, `bytes ${range.first}-${range.last}, expected 0-`);
  return range;
}

function rangeOf(
  peer: string,
  answer: HttpAnswer,
  { words, ...asked }: AskedRange & { readonly words: string },
  known: MirrorFacts,
): ContentRange {
  const header = answer.headers["content-range"];
  const range = rangeIn(answer, asked);
  if (/^multipart\//i.test(answer.headers["content-type"] ?? "")) throw wrongPart(peer, "several parts, expected one");
  if (range === undefined) {
    const got = header === undefined ? "no Content-Range that can be seen" : `Content-Range ${excerpt(header)}`;
    throw wrongPart(peer, `${got}, expected bytes ${words}`);
  }
  checkCoding(peer, answer, { size: range.total, known: known.size });
  // A file that shrank also answers with an end that was not asked for, which is no lie.
  checkFacts(peer, answer, range.total, known);
  const bytes = range.last - range.first + 1;
  const length = contentLength(answer.headers) ?? bytes;
  if (length !== bytes) throw wrongPart(peer, `${length} bytes, expected ${bytes}`);
  return range;
}

/**
 * The range of a 206, as its Content-Range says. Where the platform hides that, it is what was asked for, as far as the answer goes; one that is shorter ends
 * with its file. What is hidden is no proof of other bytes, nor of those that were asked for: which ones they are shows in the bytes, as between mirrors.
 */
export function rangeIn(answer: HttpAnswer, { first, last }: AskedRange): ContentRange | undefined {
  if (!isVeiledPart(answer)) return parseContentRange(answer.headers["content-range"]);
  const end = first + (contentLength(answer.headers) ?? last - first + 1);
  return { first, last: end - 1, total: end <= last ? end : undefined };
}

/** True for a 206 whose Content-Range the platform does not show. */
export function isVeiledPart({ status, headers, isVeiled = false }: HttpAnswer): boolean {
  return status === 206 && isVeiled && headers["content-range"] === undefined;
}

function wrongPart(peer: string, what: string): DownloadError {
  return new DownloadError("PROTOCOL_ERROR", `${peer} answered 206 with ${what}`, { peer });
}
