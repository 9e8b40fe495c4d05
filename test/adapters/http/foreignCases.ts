import type { DownloadErrorCode } from "../../../src/errors/verdicts.js";

/** One answer of a server, from the tests of another client, and what this client makes of it. */
export interface ForeignCase {
  readonly from: string;
  readonly asked: {
    readonly position: number;
    readonly length: number;
    readonly size?: number;
    readonly etag?: string;
  };
  /** No status: the connection is cut without an answer. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection is cut after the body. */
  readonly cut?: true;
  /** The bytes that come, and then the code or the end. */
  readonly came?: string;
  readonly code?: DownloadErrorCode;
  readonly retryAfterMs?: number;
}

const image = {
  date: "Fri, 24 Oct 2003 21:33:12 GMT",
  "last-modified": "Fri, 24 Oct 2003 18:01:23 GMT",
  etag: '"ab57a-507-3f9968f3"',
  "content-range": "bytes */87",
};
const rest = { position: 3, length: 3, size: 6 };

/**
 * curl's tests 92, 194 and 366, and the suite of undici's RetryHandler and RetryAgent, as facts. Not here: undici's requests with bodies, which
 * no mirror gets, and its counts and waits of retries, which are the download's and not the adapter's. A client that has all 87 bytes sends no
 * request at all here; tests 92 and 194 show what the answer would mean if it did.
 */
export const foreignCases: readonly ForeignCase[] = [
  {
    from: "curl 92: resumed when all is there, a length is promised that never comes",
    asked: { position: 87, length: 1 },
    status: 416,
    headers: { ...image, "content-length": "87" },
    cut: true,
    code: "PROTOCOL_ERROR",
  },
  {
    from: "curl 194: the same, with a body",
    asked: { position: 87, length: 1 },
    status: 416,
    headers: { ...image, "content-length": "4", connection: "close" },
    body: "bad\n",
    code: "PROTOCOL_ERROR",
  },
  {
    from: "curl 194, when the file is known to be longer",
    asked: { position: 87, length: 1, size: 100 },
    status: 416,
    headers: { ...image, "content-length": "4", connection: "close" },
    body: "bad\n",
    code: "RESOURCE_CHANGED",
  },
  {
    from: "curl 366: a long Retry-After",
    asked: rest,
    status: 503,
    headers: { date: "Tue, 09 Nov 2010 14:49:00 GMT", "content-length": "21", "retry-after": "200" },
    body: "server not available\n",
    code: "PEER_BUSY",
    retryAfterMs: 200_000,
  },
  { from: "undici: the connection is cut before an answer", asked: rest, code: "CONNECTION_LOST" },
  { from: "undici: 500", asked: rest, status: 500, body: "failed", code: "PEER_UNAVAILABLE" },
  {
    from: "undici: 200 to a request for all",
    asked: { position: 0, length: 12, size: 12 },
    status: 200,
    body: "hello world!",
    came: "hello world!",
  },
  { from: "undici: 400 is for the caller", asked: rest, status: 400, body: "Bad request", code: "PEER_REJECTED" },
  {
    from: "undici: 429 with seconds",
    asked: rest,
    status: 429,
    headers: { "retry-after": "1" },
    body: "rate limit",
    code: "RATE_LIMITED",
    retryAfterMs: 1000,
  },
  {
    from: "undici: 429 with a date",
    asked: rest,
    status: 429,
    headers: { date: image.date, "retry-after": "Fri, 24 Oct 2003 21:33:13 GMT" },
    body: "rate limit",
    code: "RATE_LIMITED",
    retryAfterMs: 1000,
  },
  {
    from: "undici: cut after three bytes, of which each stays",
    asked: { position: 0, length: 6, size: 6 },
    status: 200,
    headers: { etag: "asd" },
    body: "abc",
    cut: true,
    came: "abc",
    code: "CONNECTION_LOST",
  },
  {
    from: "undici: the rest, with a range that ends behind the file, which it takes and this client does not",
    asked: rest,
    status: 206,
    headers: { "content-range": "bytes 3-6/6", etag: "asd" },
    body: "def",
    code: "PROTOCOL_ERROR",
  },
  {
    from: "undici: the rest, with the right range",
    asked: { ...rest, etag: '"asd"' },
    status: 206,
    headers: { "content-range": "bytes 3-5/6", etag: '"asd"' },
    body: "def",
    came: "def",
  },
  {
    from: "undici: the rest of another version",
    asked: { ...rest, etag: '"asd"' },
    status: 206,
    headers: { "content-range": "bytes 3-5/6", etag: '"erwsd"' },
    body: "def",
    code: "RESOURCE_CHANGED",
  },
  {
    from: "undici: another weak ETag, which says nothing",
    asked: { ...rest, etag: 'W/"asd"' },
    status: 206,
    headers: { "content-range": "bytes 3-5/6", etag: 'W/"efg"' },
    body: "def",
    came: "def",
  },
];
