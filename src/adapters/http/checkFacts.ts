import { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import { type MirrorFacts, sameDate, strongETag } from "../../protocol/MirrorFacts.js";
import type { HttpAnswer } from "./HttpAnswer.js";

/**
 * Compares what an answer says of its file with what is known, as far as both are there. Weak ETags say nothing here, and a date is compared only
 * where no bytes can be: see `MirrorLocations.doubts`.
 *
 * @param size bytes of the whole file, where the answer tells
 * @throws DownloadError `RESOURCE_CHANGED`, which names both.
 */
export function checkFacts(peer: string, { headers }: HttpAnswer, size: number | undefined, known: MirrorFacts): void {
  const modified = headers["last-modified"];
  compare("size", size, known.size);
  compare("ETag", strongETag(headers["etag"]), strongETag(known.etag));
  if (!sameDate(modified, known.lastModified)) compare("time of change", modified, known.lastModified);

  function compare(what: string, got: string | number | undefined, wanted: string | number | undefined): void {
    if (got === undefined || wanted === undefined || got === wanted) return;
    const text = `${peer} has another file now: its ${what} is ${excerpt(String(got))}, expected ${wanted}`;
    throw new DownloadError("RESOURCE_CHANGED", text, { peer });
  }
}

/** True when an answer has a validator that is known of the file. */
export function isVouchedFor({ headers }: HttpAnswer, { etag, lastModified }: MirrorFacts): boolean {
  const modified = headers["last-modified"];
  const hasTag = strongETag(etag) !== undefined && strongETag(headers["etag"]) === etag;
  return hasTag || (modified !== undefined && sameDate(modified, lastModified));
}
