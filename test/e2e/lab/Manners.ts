/** How a kind of server answers for a file: a choice of each, no code. */
export interface Manners {
  /** What a request for a range gets: its bytes, or the whole file by 200. */
  readonly range: "part" | "whole";
  /** `bytes=0-0`: its byte, the whole as a 206 that says so, or a byte that the answer calls another one. */
  readonly firstByte: "part" | "whole as a part" | "misnamed";
  /** A range of a single byte, wherever it is. */
  readonly oneByte: "part" | "unsatisfiable";
  /** `bytes=-N`: the last N bytes, the first N + 1, no part of the file, or no range. */
  readonly lastBytes: "part" | "first bytes" | "unsatisfiable" | "whole";
  /** Several ranges: the parts in one body, the first, one from the first to the last, no part of the file, or no range. */
  readonly severalRanges: "parts" | "first" | "one for all" | "unsatisfiable" | "whole";
  /** A range that is all of the file. */
  readonly wholeRange: "part" | "whole";
  /** A range that begins behind the end: 416 with the size (with or without its unit) or without, the whole, 400, or promised bytes that are not there. */
  readonly behindEnd: Unsatisfied | "whole" | 400 | "bytes that are not there";
  /** A range that begins within the file and ends behind it. */
  readonly acrossEnd: "part" | "a byte too many" | "unsatisfiable" | "whole" | 400;
  /** `bytes=0-` of a file of no bytes: 200, one of the 416, 204, or a 206 with this Content-Range. */
  readonly rangeOfEmpty: "whole" | Unsatisfied | 204 | "0--1/0" | "0-0/0" | "-1--1/*";
  /** Whether a part says how large the file is. */
  readonly total: "told" | "untold";
  /** `If-Match` with another tag. */
  readonly ifMatch: "minded" | "ignored";
  /** `If-Range`: another version comes whole, none is noticed, no part is given, or the right one is answered with 304. */
  readonly ifRange: "minded" | "ignored" | "whole" | "not modified";
  readonly etag: "strong" | "weak" | "unquoted" | "none";
  /** `Last-Modified`. */
  readonly date: "told" | "of the whole only" | "none";
  /** What a replacement of the file does not change. */
  readonly survives: readonly ("etag" | "date")[];
  /** `Content-Encoding` of bytes that are stored so. */
  readonly label: "gzip" | "none";
  /** How the end of a body is told. */
  readonly end: "length" | "chunks" | "connection";
  /** What becomes of a connection behind an answer. */
  readonly connection: "kept" | "closed";
  /** What the next request on a connection gets. */
  readonly nextRequest: "served" | 503;
  /** The first answer of all, before a cache has the file. */
  readonly cold: "served" | "whole in chunks";
  /** Those behind the address, in turn: one, or two that give the same bytes other tags and dates. */
  readonly nodes: "one" | "two that disagree";
}

/** No part of the file: 416 with its size, with its size but without `bytes`, or without a word of it. */
export type Unsatisfied = "416 bytes */N" | "416 */N" | "416";

/** One that does all as RFC 9110 has it. */
export const ordinary: Manners = {
  range: "part",
  firstByte: "part",
  oneByte: "part",
  lastBytes: "part",
  severalRanges: "parts",
  wholeRange: "part",
  behindEnd: "416 bytes */N",
  acrossEnd: "part",
  rangeOfEmpty: "416 bytes */N",
  total: "told",
  ifMatch: "minded",
  ifRange: "minded",
  etag: "strong",
  date: "told",
  survives: [],
  label: "none",
  end: "length",
  connection: "kept",
  nextRequest: "served",
  cold: "served",
  nodes: "one",
};
