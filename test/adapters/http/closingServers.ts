import { plainTcp } from "./harness.js";

/** A server that closes the connection behind each answer, as it writes its head. */
export interface ClosingServer {
  readonly name: string;
  readonly status: string;
  readonly headers: readonly string[];
  /** Whether it can start in the middle. */
  readonly ranges: boolean;
  /** Whether it tells the length, or lets the end of the connection tell it. */
  readonly tellsLength: boolean;
}

const date = "Sat, 01 Jan 2022 00:00:00 GMT";
const whole = { ranges: false, tellsLength: true } as const;

export const closingServers: readonly ClosingServer[] = [
  {
    ...whole,
    name: "python3 -m http.server",
    status: "HTTP/1.0 200 OK",
    headers: [
      "Server: SimpleHTTP/0.6 Python/3.11.7",
      `Date: ${date}`,
      "Content-type: application/octet-stream",
      `Last-Modified: ${date}`,
    ],
  },
  {
    ...whole,
    name: "php -S",
    status: "HTTP/1.1 200 OK",
    headers: ["Host: 127.0.0.1", `Date: ${date}`, "Connection: close", "Content-Type: application/octet-stream"],
  },
  {
    ...whole,
    name: "mini_httpd",
    status: "HTTP/1.1 200 Ok",
    headers: ["Server: mini_httpd/1.30 26Oct2018", `Date: ${date}`, `Last-Modified: ${date}`, "Connection: close"],
  },
  {
    name: "a script that tells no length",
    status: "HTTP/1.1 200 OK",
    headers: [`Date: ${date}`, "Content-Type: application/octet-stream", "Connection: close"],
    ranges: false,
    tellsLength: false,
  },
  {
    name: "flask's own server",
    status: "HTTP/1.1 200 OK",
    headers: ["Server: Werkzeug/2.2.2 Python/3.11.2", `Date: ${date}`, 'ETag: "v1"', "Connection: close"],
    ranges: true,
    tellsLength: true,
  },
];

/** Serves a file as such a server does: what is left of the answer and the end of the connection come together. */
export function serveClosing({ status, headers, ranges, tellsLength }: ClosingServer, file: Buffer) {
  return plainTcp((socket) => {
    let asked = "";
    socket.on("data", (bytes) => {
      asked += bytes.toString("latin1");
      if (!asked.includes("\r\n\r\n")) return;
      const [, from, to] = /^range: bytes=(\d+)-(\d*)\r$/im.exec(asked) ?? [];
      const isPart = ranges && from !== undefined;
      const first = isPart ? Number(from) : 0;
      const body = file.subarray(first, isPart && to !== "" ? Number(to) + 1 : file.length);
      const head = [
        isPart ? "HTTP/1.1 206 PARTIAL CONTENT" : status,
        ...headers,
        ...(isPart ? [`Content-Range: bytes ${first}-${first + body.length - 1}/${file.length}`] : []),
        ...(tellsLength ? [`Content-Length: ${body.length}`] : []),
      ];
      socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
    });
  });
}
