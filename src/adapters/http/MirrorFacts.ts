import { DownloadError } from "../../errors/DownloadError.js";
import { printable } from "../../errors/printable.js";
import { httpDateMs } from "../../protocol/retryAfterMs.js";
import type { HttpAnswer } from "./HttpLine.js";

/** What tells one version of a file from another. */
export interface MirrorFacts {
  /** Bytes. */
  readonly size?: number;
  /** With its quotes, and `W/` before it if it is a weak one. */
  readonly etag?: string;
  /** As the server wrote it. */
  readonly lastModified?: string;
}

/** The ETag of an answer, weak or strong, if it is one. One without quotes is none of RFC 9110, and taken as a weak one. */
export function entityTag(text: string | undefined): string | undefined {
  if (text === undefined || /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(text)) return text;
  return /^[\x21\x23-\x7e\x80-\xff]+$/.test(text) ? `W/"${text.replace(/^W\//, "")}"` : undefined;
}

/** The same if it is a strong one: a weak one is the same for files that differ in bytes (RFC 9110, 8.8.1). */
export function strongETag(text: string | undefined): string | undefined {
  return text?.startsWith("W/") === true ? undefined : entityTag(text);
}

/** Whether two ETags say the same by the weak comparison (RFC 9110, 8.8.3.2), or one of them is not there. */
export function sameOpaqueTag(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a.replace(/^W\//, "") === b.replace(/^W\//, "");
}

/** Whether two dates are the same time: there are three ways to write one. */
export function sameDate(a: string | undefined, b: string | undefined): boolean {
  return a === b || (httpDateMs(a) !== undefined && httpDateMs(a) === httpDateMs(b));
}

/** Whether two strong ETags are there, and differ: those can be told apart without a look at the bytes. */
export function areOtherTags(a: string | undefined, b: string | undefined): boolean {
  const [one, other] = [strongETag(a), strongETag(b)];
  return one !== undefined && other !== undefined && one !== other;
}

/** Whether two dates are there, and differ. */
export function areOtherDates(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && !sameDate(a, b);
}

/**
 * Compares what an answer says of its file with what is known, as far as both are there. Weak ETags say nothing here, and a date is compared only
 * where no bytes can be: see `Places.doubts`.
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
    const text = `${peer} has another file now: its ${what} is ${printable(String(got))}, expected ${wanted}`;
    throw new DownloadError("RESOURCE_CHANGED", text, { peer });
  }
}

/** Whether an answer has a validator that is known of the file. */
export function isVouchedFor({ headers }: HttpAnswer, { etag, lastModified }: MirrorFacts): boolean {
  const modified = headers["last-modified"];
  const hasTag = strongETag(etag) !== undefined && strongETag(headers["etag"]) === etag;
  return hasTag || (modified !== undefined && sameDate(modified, lastModified));
}

/**
 * The facts that can be compared.
 *
 * @throws RangeError when the size is none.
 */
export function knownFacts({ size, etag, lastModified }: MirrorFacts): MirrorFacts {
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(`size is ${size}, expected a whole number of bytes`);
  }
  return {
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}
