/**
 * How long a Retry-After header asks for, clamped to `maxMs`; nothing when there is none, or none that can be read. A date is only
 * read against `sentAtMs`, the time at which the answer was sent.
 */
export function retryAfterMs(header: string | undefined, maxMs: number, sentAtMs?: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, maxMs);
  const until = httpDateMs(text);
  if (until === undefined || sentAtMs === undefined) return undefined;
  return Math.min(Math.max(0, until - sentAtMs), maxMs);
}

/** An HTTP date (RFC 9110, 5.6.7), milliseconds since the epoch; nothing when it is none. */
export function httpDateMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[, ]/i.test(text)) return undefined;
  // The oldest of the three forms names no zone; all mean the same one.
  const at = Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}
