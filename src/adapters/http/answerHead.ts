import { HTTPParser } from "http-parser-js";
import { type AnswerHead, UnusualAnswer } from "./DirectLane.js";

/** A line of a field (RFC 9112, 5.1): no space before the colon, and none that goes on in the next line. */
const field = /^[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*$/;
const endOfLine = "\r\n";
/** As Node reads them; http-parser-js 0.5.10 takes them for ASCII otherwise, and drops the high bit of other bytes (findings/http-parser-js-ascii.sh). */
const encoding = "latin1";
HTTPParser.encoding = encoding;

/**
 * The head of an answer, which ends with its empty line, and whether its connection may be used again.
 *
 * @throws UnusualAnswer for what is none of HTTP/1.1, or has a line that another reader may understand in another way: the parser passes over those.
 */
export function answerHead(bytes: Buffer, url: string): AnswerHead & { readonly keepsAlive: boolean } {
  const lines = bytes.toString(encoding).split(endOfLine).slice(1, -2);
  if (!lines.every((line) => field.test(line))) throw new UnusualAnswer("a head with a line that is no field", true);
  const parser = new HTTPParser(HTTPParser.RESPONSE);
  let found: (AnswerHead & { readonly keepsAlive: boolean }) | undefined;
  parser[HTTPParser.kOnHeadersComplete] = ({ statusCode, headers, versionMajor, versionMinor, shouldKeepAlive }) => {
    const isKnown = versionMajor === 1 && versionMinor === 1;
    if (isKnown) found = { status: statusCode, headers: byName(headers), url, keepsAlive: shouldKeepAlive };
    return 1; // no body for this parser
  };
  const read: unknown = parser.execute(bytes);
  if (read instanceof Error || found === undefined) throw new UnusualAnswer("no head of HTTP/1.1", true);
  return found;
}

/** Values by their names in lower case; those of one name are joined by commas. */
function byName(flat: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = (flat[i] ?? "").toLowerCase();
    const value = flat[i + 1] ?? "";
    named[name] = named[name] === undefined ? value : `${named[name]}, ${value}`;
  }
  return named;
}
