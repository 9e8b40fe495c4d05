import { HTTPParser } from "http-parser-js";
import type { AnswerHead } from "./DirectLane.js";
import { UnusualAnswer } from "./DirectLane.js";

/** The head of an answer, which ends with its empty line, and whether its connection may be used again. Throws `UnusualAnswer` for what is none of HTTP/1.1. */
export function answerHead(bytes: Buffer, url: string): AnswerHead & { readonly keepsAlive: boolean } {
  const parser = new HTTPParser(HTTPParser.RESPONSE);
  let found: (AnswerHead & { readonly keepsAlive: boolean }) | undefined;
  parser[HTTPParser.kOnHeadersComplete] = ({ statusCode, headers, versionMajor, versionMinor, shouldKeepAlive }) => {
    const isKnown = versionMajor === 1 && versionMinor === 1;
    if (isKnown) found = { status: statusCode, headers: byName(headers), url, keepsAlive: shouldKeepAlive };
    return 1; // no body for this parser
  };
  const read: unknown = parser.execute(bytes);
  if (read instanceof Error || found === undefined) throw new UnusualAnswer("no head of HTTP/1.1");
  return found;
}

/** What came several times is joined by commas. */
function byName(flat: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = (flat[i] ?? "").toLowerCase();
    const value = flat[i + 1] ?? "";
    named[name] = named[name] === undefined ? value : `${named[name]}, ${value}`;
  }
  return named;
}
