import { httpDateMs } from "./retryAfterMs.js";

/** The facts that tell one version of a file from another. */
export interface MirrorFacts {
  /** Size of the file, bytes. */
  readonly size?: number;
  /** ETag with its quotes, and `W/` before it if it is a weak one. */
  readonly etag?: string;
  /** Last-Modified, as the server wrote it. */
  readonly lastModified?: string;
}

/** The ETag of an answer, weak or strong, if it is one. One without quotes is none of RFC 9110, and taken as a weak one. */
export function entityTag(text: string | undefined): string | undefined {
  if (text === undefined || /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(text)) return text;
  return /^[\x21\x23-\x7e\x80-\xff]+$/.test(text) ? `W/"${text.replace(/^W\//, "")}"` : undefined;
}

/** The strong ETag of an answer, if it has one: a weak one is the same for files that differ in bytes (RFC 9110, 8.8.1). */
export function strongETag(text: string | undefined): string | undefined {
  return text?.startsWith("W/") === true ? undefined : entityTag(text);
}

/** Tells whether two ETags say the same by the weak comparison (RFC 9110, 8.8.3.2), or one of them is not there. */
export function sameOpaqueTag(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a.replace(/^W\//, "") === b.replace(/^W\//, "");
}

/** Tells whether two dates are the same time: there are three ways to write one. */
export function sameDate(a: string | undefined, b: string | undefined): boolean {
  return a === b || (httpDateMs(a) !== undefined && httpDateMs(a) === httpDateMs(b));
}

/** Tells whether two strong ETags are there, and differ: those can be told apart without a look at the bytes. */
export function areOtherTags(a: string | undefined, b: string | undefined): boolean {
  const [one, other] = [strongETag(a), strongETag(b)];
  return one !== undefined && other !== undefined && one !== other;
}

/** Tells whether two dates are there, and differ. */
export function areOtherDates(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && !sameDate(a, b);
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
