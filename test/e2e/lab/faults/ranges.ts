import { gzipSync } from "node:zlib";
import type { Answer, Body, Fault } from "../Exchange.js";
import { alter, alterHeaders } from "./alter.js";

/** Answers with the whole file, whatever range is asked for. */
export function ignoresRange(): Fault {
  return (next) => (ask) => {
    const { range: _, ...headers } = ask.headers;
    return next({ ...ask, headers });
  };
}

/** Answers with bytes that begin `by` further on than was asked, and says so. */
export function anotherRange(by: number): Fault {
  return (next) => (ask) => {
    const shifted = ask.headers.range?.replace(/\d+/g, (place) => String(Number(place) + by));
    return next({ ...ask, headers: { ...ask.headers, ...(shifted !== undefined && { range: shifted }) } });
  };
}

/** Says that the bytes begin `by` bytes further on than they do. */
export function shiftedContentRange(by: number): Fault {
  return alterContentRange((first, last, total) => `bytes ${first + by}-${last + by}/${total}`);
}

/** Does not say how large the file is. */
export function unknownTotal(): Fault {
  return alterContentRange((first, last) => `bytes ${first}-${last}/*`);
}

/** Answers 206 without saying which bytes these are. */
export function missingContentRange(): Fault {
  return alterContentRange(() => undefined);
}

function alterContentRange(say: (first: number, last: number, total: number) => string | undefined): Fault {
  return alterHeaders(({ headers }) => {
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "");
    return range === null ? {} : { "content-range": say(Number(range[1]), Number(range[2]), Number(range[3])) };
  });
}

const boundary = "part-of-the-file";

/** Answers one range as if several had been asked for. */
export function multipart(): Fault {
  return alter((answer) => {
    const { "content-range": range, "content-length": length, ...headers } = answer.headers;
    if (answer.status !== 206) return answer;
    const head = Buffer.from(`--${boundary}\r\nContent-Range: ${range ?? ""}\r\n\r\n`);
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
    return {
      ...answer,
      headers: {
        ...headers,
        "content-type": `multipart/byteranges; boundary=${boundary}`,
        "content-length": String(head.length + Number(length) + tail.length),
      },
      body: joined([head], answer.body, [tail]),
    };
  });
}

/** Compresses what it sends, though nobody asked. */
export function gzipped(): Fault {
  return (next) => async (ask) => {
    const answer = await next(ask);
    return answer.status === 206 || answer.status === 200 ? await compress(answer) : answer;
  };
}

async function compress(answer: Answer): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  const body = gzipSync(Buffer.concat(pieces));
  const headers = { ...answer.headers, "content-encoding": "gzip", "content-length": String(body.length) };
  return { ...answer, headers, body: [body] };
}

async function* joined(...bodies: readonly Body[]): AsyncGenerator<Buffer> {
  for (const body of bodies) yield* body;
}
