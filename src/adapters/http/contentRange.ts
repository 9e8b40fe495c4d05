/** The fields of a Content-Range header (RFC 9110, 14.4). */
export interface ContentRange {
  /** First and last byte, `-1` where the answer has none (416). */
  readonly first: number;
  readonly last: number;
  /** Bytes of the file; nothing where the server does not know. */
  readonly total: number | undefined;
}

/**
 * Reads a Content-Range; nothing when there is none, or one that makes no sense. The numbers count: some write `bytes=` as in a request, and yaws leaves the
 * unit out.
 */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^(?:bytes[ =:]+)?(?:(\d{1,15})-(\d{1,15})|\*)\/(?:(\d{1,15})|\*)$/i.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const number = (at: number): number | undefined => (match[at] === undefined ? undefined : Number(match[at]));
  const range = { first: number(1) ?? -1, last: number(2) ?? -1, total: number(3) };
  const isInside = range.first <= range.last && range.last < (range.total ?? Infinity);
  return isInside ? range : undefined;
}
