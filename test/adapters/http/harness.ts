import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer, type Socket } from "node:net";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../../../src/adapters/http/HttpPeerOptions.js";
import type { ByteRange } from "../../../src/peers/Peer.js";
import { atEnd } from "../websocket/harness.js";

export { atEnd, bytesOf, cleanUp, errorOf } from "../websocket/harness.js";

const pem = (name: string) => readFileSync(new URL(`../websocket/tls/${name}.pem`, import.meta.url), "utf8");
/** A key and its certificate, which nobody but itself has signed. */
export const tls = { key: pem("key"), cert: pem("cert") };

/** A server that answers as the test wants, and what it saw. */
export interface Heard {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
  readonly sockets: readonly Socket[];
  readonly server: Server;
}

interface ServeOptions {
  readonly host?: string;
  readonly path?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function serve(
  answer: RequestListener,
  { host = "127.0.0.1", path = "/file.bin", tls }: ServeOptions = {},
): Promise<Heard> {
  const requests: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => sockets.push(socket));
  server.on("clientError", () => undefined);
  const port = await listening(server, host);
  atEnd(() => server.closeAllConnections());
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `${tls === undefined ? "http" : "https"}://${name}:${port}${path}`, port, requests, sockets, server };
}

/** A TCP server that does what the test wants with its sockets. */
export async function plainTcp(onSocket: (socket: Socket) => void): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  const port = await listening(server, "127.0.0.1");
  atEnd(() => sockets.forEach((socket) => socket.destroy()));
  return { url: `http://127.0.0.1:${port}/file.bin`, sockets };
}

async function listening(server: Server | NetServer, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  atEnd(() => server.close());
  return (server.address() as AddressInfo).port;
}

export function peerAt(url: string, options: Partial<HttpPeerOptions> = {}): HttpPeer {
  const peer = new HttpPeer(url, { connect: connectNode(), ...options });
  atEnd(() => peer.close());
  return peer;
}

/** Bytes of a file that tell their place. */
export function fileOf(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
}

export function rangeOf(position: number, length: number): ByteRange {
  return { chunk: 0, offset: position, length, position };
}

/** First and last byte that a request asks for, where it does. */
function askedOf({ headers: { range } }: IncomingMessage): { first: number; last: number } | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  return first === undefined ? undefined : { first: Number(first), last: last === "" ? Infinity : Number(last) };
}

/** Answers as a good server does. */
export function answerWith(file: Uint8Array, headers: Readonly<Record<string, string>> = {}): RequestListener {
  return (request, response) => {
    const asked = askedOf(request);
    if (asked === undefined) {
      response.writeHead(200, { "content-length": file.length, ...headers }).end(file);
      return;
    }
    if (asked.first >= file.length) {
      response.writeHead(416, { "content-range": `bytes */${file.length}`, ...headers }).end();
      return;
    }
    const last = Math.min(asked.last, file.length - 1);
    part(response, { first: asked.first, last, total: file.length }, headers).end(file.subarray(asked.first, last + 1));
  };
}

/** The head of a 206. */
export function part(
  response: ServerResponse,
  { first, last, total }: { readonly first: number; readonly last: number; readonly total: number | "*" },
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  const range = `bytes ${first}-${last}/${total}`;
  return response.writeHead(206, { "content-range": range, "content-length": last - first + 1, ...headers });
}

/** Waits until a server's sockets are closed, in whatever way. */
export async function gone(sockets: readonly Socket[]): Promise<void> {
  const open = sockets.filter(({ closed }) => !closed);
  await Promise.all(open.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
}
