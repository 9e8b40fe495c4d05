import type { Content } from "./content.js";
import type { Answer, Ask, Fault, Handler } from "./Exchange.js";
import type { Manners } from "./Manners.js";
import { ordinary } from "./Manners.js";
import type { Part, Reading } from "./readRange.js";
import { readRange } from "./readRange.js";

/** What a server says of its file beside the bytes. */
export interface Facts {
  readonly etag?: string;
  readonly lastModified?: string;
}

const pieceBytes = 64 * 1024;

/** A server that does all as it should (RFC 9110): ranges, `If-Match`, `If-Range`, 416. */
export function serve(content: Content, facts: Facts = {}, ...faults: readonly Fault[]): Handler {
  return withFaults((ask) => answerTo(ask, content, facts, ordinary), ...faults);
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

/** What a server of these manners says of a request for its file. */
export function answerTo({ headers }: Ask, content: Content, facts: Facts, manners: Manners): Answer {
  const validators = {
    ...(facts.etag !== undefined && { etag: facts.etag }),
    ...(facts.lastModified !== undefined && { "last-modified": facts.lastModified }),
  };
  const ifMatch = manners.ifMatch === "minded" ? headers["if-match"] : undefined;
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== facts.etag) return plainAnswer(412, validators);
  const ifRange = headers["if-range"] as string | undefined;
  const isOfThis = ifRange === undefined || ifRange === facts.etag || ifRange === facts.lastModified;
  if (ifRange !== undefined && manners.ifRange === "not modified" && isOfThis) return plainAnswer(304, validators);
  const isWhole = ifRange !== undefined && (manners.ifRange === "whole" || (manners.ifRange === "minded" && !isOfThis));
  const reading = isWhole ? "whole" : readRange(headers.range, content.size, manners);
  return typeof reading === "object" || reading === "whole"
    ? fileAnswer(reading, content, validators)
    : refusal(reading, content.size, validators);
}

function refusal(reading: Exclude<Reading, object | "whole">, size: number, validators: Answer["headers"]): Answer {
  if (typeof reading === "number") return plainAnswer(reading, validators);
  const said = { "416 bytes */N": `bytes */${size}`, "416 */N": `*/${size}`, "416": undefined }[reading];
  return plainAnswer(416, { ...validators, ...(said !== undefined && { "content-range": said }) });
}

const boundary = "part-of-the-file";

function fileAnswer(reading: "whole" | readonly [Part, ...Part[]], content: Content, validators: object): Answer {
  const [part, ...others] = reading === "whole" ? [{ first: 0, end: content.size, said: undefined }] : reading;
  if (others.length > 0 && reading !== "whole") return partsAnswer(reading, content, validators);
  return {
    status: part.said === undefined ? 200 : 206,
    headers: {
      "accept-ranges": "bytes",
      "content-type": "application/octet-stream",
      "content-length": String(part.end - part.first),
      ...(part.said !== undefined && { "content-range": part.said }),
      ...validators,
    },
    body: piecesOf(content, part.first, part.end),
    position: part.first,
  };
}

/** Several parts in one body. */
function partsAnswer(parts: readonly [Part, ...Part[]], content: Content, validators: object): Answer {
  const heads = parts.map(({ said }) => Buffer.from(`\r\n--${boundary}\r\nContent-Range: ${said}\r\n\r\n`));
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  function* body(): Generator<Buffer> {
    for (const [index, { first, end }] of parts.entries()) {
      yield heads[index] ?? tail;
      yield* piecesOf(content, first, end);
    }
    yield tail;
  }
  const lengths = [...heads.map(({ length }) => length), ...parts.map(({ first, end }) => end - first), tail.length];
  return {
    status: 206,
    headers: {
      "accept-ranges": "bytes",
      "content-type": `multipart/byteranges; boundary=${boundary}`,
      "content-length": String(lengths.reduce((sum, length) => sum + length)),
      ...validators,
    },
    body: body(),
    position: parts[0].first,
  };
}

/** The bytes of a content from `first` to before `end`; those that it has not got never come. */
function* piecesOf(content: Content, first: number, end: number): Generator<Buffer> {
  const last = Math.min(end, content.size);
  for (let at = first; at < last; at += pieceBytes) yield content.read(at, Math.min(pieceBytes, last - at));
}
