import type { Socket } from "node:net";

/** A request as it came, the place it asks for, and right bytes from there. */
interface Question {
  readonly socket: Socket;
  readonly first: number;
  readonly bytes: Buffer;
  readonly size: number;
  /** Does it again and again until the client has left. */
  readonly every: (ms: number, work: () => void) => void;
}

/** A way in which an HTTP server is hostile. */
export interface HostileServer {
  readonly name: string;
  readonly answer: (question: Question) => void;
}

const head = (status: string, fields: Readonly<Record<string, string | number>> = {}): string =>
  `HTTP/1.1 ${status}\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

const part = ({ first, bytes, size }: Question, change: Readonly<Record<string, string | number>> = {}): string =>
  head("206 Partial Content", {
    etag: '"v1"',
    "content-length": bytes.length,
    "content-range": `bytes ${first}-${first + bytes.length - 1}/${size}`,
    ...change,
  });

const says = (name: string, text: (question: Question) => string): HostileServer => ({
  name,
  answer: (question) => void question.socket.write(text(question)),
});
const refuses = (status: string, fields: Readonly<Record<string, string | number>> = {}): HostileServer =>
  says(`answers ${status} ${JSON.stringify(fields)}`, () => head(status, { "content-length": 0, ...fields }));
/** A right head, and a body that is not. */
const bodied = (name: string, body: (question: Question) => void): HostileServer => ({
  name,
  answer: (question) => {
    question.socket.write(part(question));
    body(question);
  },
});
/** A head that is not right, and a right body. */
const headed = (
  name: string,
  change: (question: Question) => Readonly<Record<string, string | number>>,
): HostileServer => ({
  name,
  answer: (question) => {
    question.socket.write(part(question, change(question)));
    question.socket.write(question.bytes);
  },
});

export const servers: readonly HostileServer[] = [
  { name: "answers nothing", answer: () => undefined },
  { name: "closes at once", answer: ({ socket }) => void socket.destroy() },
  { name: "resets at once", answer: ({ socket }) => void socket.resetAndDestroy() },
  says("speaks SSH", () => "SSH-2.0-OpenSSH_9.2\r\n"),
  says("sends noise", () => "\u0000\u0001\u0002".repeat(1000)),
  says("sends a status line without an end", () => `HTTP/1.1 200 ${"x".repeat(100_000)}`),
  says("sends a head of a megabyte", ({ size }) =>
    head("200 OK", { "content-length": size, "x-long": "x".repeat(1_000_000) }),
  ),
  says("sends ten thousand fields", () => `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(10_000)}\r\n`),
  {
    name: "sends fields for ever",
    answer: ({ socket, every }) => {
      socket.write("HTTP/1.1 206 Partial Content\r\n");
      every(5, () => void socket.write("x-more: and more\r\n"));
    },
  },
  { name: "drips a head", answer: ({ socket, every }) => every(500, () => void socket.write("H")) },
  {
    name: "says 103 for ever",
    answer: ({ socket, every }) => every(2, () => void socket.write(head("103 Early Hints", { link: "</x>" }))),
  },
  says("speaks HTTP/2.0", () => "HTTP/2.0 200 OK\r\n\r\n"),
  says("puts a zero byte into a field", ({ size }) => head("200 OK", { "content-length": size, "x-zero": "a\u0000b" })),
  says("folds a field", ({ size }) => head("200 OK", { "content-length": size, "x-fold": "a\r\n b" })),
  refuses("302 Found", { location: "/file.bin" }),
  refuses("302 Found", { location: "file:///etc/passwd" }),
  refuses("302 Found", { location: "http://[::" }),
  refuses("302 Found", {}),
  refuses("301 Moved Permanently", { location: "http://127.0.0.1:1/" }),
  refuses("304 Not Modified"),
  refuses("401 Unauthorized", { "www-authenticate": "Basic" }),
  refuses("404 Not Found"),
  refuses("416 Range Not Satisfiable", { "content-range": "bytes */1" }),
  refuses("429 Too Many Requests", { "retry-after": 0 }),
  refuses("503 Service Unavailable", { "retry-after": "99999999999999999999" }),
  refuses("503 Service Unavailable", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }),
  refuses("599 Whatever"),
  refuses("999 Denied"),
  says("serves a page", () => `${head("200 OK", { "content-type": "text/html", "content-length": 13 })}<html></html>`),
  headed("tells another total", ({ first, bytes, size }) => ({
    "content-range": `bytes ${first}-${first + bytes.length - 1}/${size + 1}`,
  })),
  headed("tells another place", ({ first, bytes, size }) => ({
    "content-range": `bytes ${first + 1}-${first + bytes.length}/${size}`,
  })),
  headed("tells no range", () => ({ "content-range": "bytes" })),
  headed("tells a length below zero", () => ({ "content-length": -1 })),
  headed("tells two lengths", ({ bytes }) => ({ "Content-Length": bytes.length - 1 })),
  headed("tells a length of 2^60", () => ({ "content-length": String(2n ** 60n) })),
  headed("says that it is gzip", () => ({ "content-encoding": "gzip" })),
  headed("says that it is chunked, and is not", () => ({ "transfer-encoding": "chunked" })),
  headed("says that it is of an unknown coding", () => ({ "transfer-encoding": "cow" })),
  {
    name: "tells chunks of 2^64 bytes",
    answer: ({ socket }) =>
      void socket.write(`${head("200 OK", { "transfer-encoding": "chunked" })}ffffffffffffffff\r\nabc`),
  },
  {
    name: "sends chunks of a byte for ever",
    answer: ({ socket, every }) => {
      socket.write(head("200 OK", { "transfer-encoding": "chunked" }));
      every(1, () => void socket.write("1\r\nx\r\n"));
    },
  },
  bodied("closes in the middle", ({ socket, bytes }) => void socket.end(bytes.subarray(0, bytes.length / 2))),
  bodied("falls silent in the middle", ({ socket, bytes }) => void socket.write(bytes.subarray(0, bytes.length / 2))),
  bodied("lies in all bytes", ({ socket, bytes }) => void socket.write(Buffer.alloc(bytes.length, "x"))),
  bodied("lies in the last bit", ({ socket, bytes }) => {
    const wrong = Buffer.from(bytes);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    socket.write(wrong);
  }),
  bodied("sends more than was asked for", ({ socket, bytes }) => void socket.write(Buffer.concat([bytes, bytes]))),
  bodied("sends for ever", ({ socket, every }) =>
    every(1, () => {
      if (socket.writableLength < 4e6) socket.write(Buffer.alloc(65_536));
    }),
  ),
  bodied("drips a byte in half a second", ({ socket, bytes, every }) => {
    let at = 0;
    every(500, () => void socket.write(bytes.subarray(at, ++at)));
  }),
  bodied("drips a kilobyte a second", ({ socket, bytes, every }) => {
    let at = 0;
    every(100, () => void socket.write(bytes.subarray(at, (at += 100))));
  }),
];
