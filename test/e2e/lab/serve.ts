import type { Answer, Ask, Fault, Handler } from "./Exchange.js";
import type { Content } from "./content.js";

/** What a server says of its file beside the bytes. */
export interface Facts {
  readonly etag?: string;
  readonly lastModified?: string;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

const pieceBytes = 64 * 1024;

/** A server that does all as it should (RFC 9110): ranges, `If-Match`, `If-Range`, 416. */
export function serve(content: Content, facts: Facts = {}, ...faults: readonly Fault[]): Handler {
  return withFaults((ask) => answerTo(ask, content, facts), ...faults);
}

/** A handler behind faults: the last of them hears the client first. */
export function withFaults(handler: Handler, ...faults: readonly Fault[]): Handler {
  return faults.reduce((next, fault) => fault(next), handler);
}

/** An answer without a place in the file. */
export function plainAnswer(status: number, headers: Answer["headers"] = {}, text = ""): Answer {
  return {
    status,
    headers: { "content-length": String(Buffer.byteLength(text)), ...headers },
    body: [Buffer.from(text)],
    position: 0,
  };
}

function answerTo(ask: Ask, content: Content, facts: Facts): Answer {
  const { size } = content;
  const validators = {
    ...(facts.etag !== undefined && { etag: facts.etag }),
    ...(facts.lastModified !== undefined && { "last-modified": facts.lastModified }),
  };
  const ifMatch = ask.headers["if-match"];
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== facts.etag) return plainAnswer(412, validators);
  const span = isOfThis(ask.headers["if-range"], facts) ? spanIn(ask.headers.range, size) : undefined;
  if (span === "none") return plainAnswer(416, { ...validators, "content-range": `bytes */${size}` });
  const { first, last } = span ?? { first: 0, last: size - 1 };
  return {
    status: span === undefined ? 200 : 206,
    headers: {
      "accept-ranges": "bytes",
      "content-type": "application/octet-stream",
      "content-length": String(last - first + 1),
      ...(span !== undefined && { "content-range": `bytes ${first}-${last}/${size}` }),
      ...validators,
    },
    body: piecesOf(content, first, last + 1),
    position: first,
  };
}

function isOfThis(ifRange: IncomingIfRange, { etag, lastModified }: Facts): boolean {
  return ifRange === undefined || ifRange === etag || ifRange === lastModified;
}

type IncomingIfRange = string | string[] | undefined;

/** The bytes that a Range header asks for; nothing when it is none that we read, and `none` when the file has no such bytes. */
function spanIn(range: string | undefined, size: number): Span | "none" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? "none" : { first, last };
}

/** The bytes of a content from `first` to before `end`. */
function* piecesOf(content: Content, first: number, end: number): Generator<Buffer> {
  for (let at = first; at < end; at += pieceBytes) yield content.read(at, Math.min(pieceBytes, end - at));
}
