import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeRequest, encodeControl } from "../../src/control/controlCodec.js";
import { controlVersion, updateEveryMs } from "../../src/control/control.js";
import { DownloadDetail } from "../../src/control/DownloadDetail.js";
import type { DownloadRow } from "../../src/control/DownloadRow.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";

const chunkCount = 10_000;
const bytes = 64 * 1024;
const size = chunkCount * bytes;
const peers = ["ws://10.0.0.1:9001", "ws://10.0.0.2:9001", "ws://10.0.0.3:9001"];
/** Chunks that each download has more of at each update: 13 MB/s. */
const step = 20;
const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/**
 * As many downloads of 10,000 chunks as are wanted, all under way, told by the control protocol as the daemon tells them, so that its page can be measured
 * without the work of the downloads beside it. All have the same chunks at the same time.
 */
export class FakeDaemon {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #downloads: number;
  readonly #watched = new Map<WebSocket, number>();
  readonly #timer: NodeJS.Timeout;
  #detail = new DownloadDetail();
  #done = 0;

  static async start(downloads: number): Promise<FakeDaemon> {
    const server = createServer((request, response) => {
      const name = extname(request.url ?? "") === "" ? "/index.html" : (request.url ?? "");
      readFile(fileURLToPath(new URL(`../../dist/web${name}`, import.meta.url))).then(
        (file) => response.writeHead(200, { "content-type": types[extname(name)] ?? "text/html" }).end(file),
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FakeDaemon(server, downloads);
  }

  private constructor(server: Server, downloads: number) {
    this.#server = server;
    this.#downloads = downloads;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on("connection", (client) => this.#greet(client));
    this.#begin();
    this.#timer = setInterval(() => this.#tick(), updateEveryMs);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.close();
  }

  #greet(client: WebSocket): void {
    client.send(encodeControl({ type: "hello", version: controlVersion }));
    client.on("message", (frame: Buffer) => {
      const request = decodeRequest(new Uint8Array(frame));
      if (request.type === "hello") return;
      client.send(encodeControl({ type: "done", id: request.id }));
      if (request.type !== "watch") return;
      const [download] = request.details;
      if (download === undefined) this.#watched.delete(client);
      else this.#watched.set(client, download);
      client.send(encodeControl({ ...this.#list(true), details: this.#snapshot(download) }));
    });
  }

  #snapshot(download: number | undefined) {
    if (download === undefined) return [];
    const { state, map, log } = this.#detail.pack();
    const snapshot = { state, map: { ...map, peers: [...map.peers] }, log: [...log], options: {} };
    return [{ download, snapshot, events: [] }];
  }

  #tick(): void {
    if (this.#done + step > chunkCount) {
      this.#begin();
      return;
    }
    const events = Array.from({ length: step }, (_, place) => this.#chunk(this.#done + place)).flat();
    this.#done += step;
    const progress = {
      done: this.#done * bytes,
      verified: this.#done * bytes,
      received: this.#done * bytes,
      retries: 0,
    };
    const pace = { size, bytesPerSecond: step * 10 * bytes, secondsLeft: 10 };
    events.push({ type: "progress", at: Date.now(), ...progress, ...pace });
    for (const event of events) this.#detail.fold(event);
    for (const client of this.#sockets.clients) {
      const download = this.#watched.get(client);
      client.send(
        encodeControl({ ...this.#list(false), details: download === undefined ? [] : [{ download, events }] }),
      );
    }
  }

  /** What happens to a chunk: one in fifty goes to another peer first. */
  #chunk(chunk: number): DownloadEvent[] {
    const at = Date.now();
    const [peer = "", other = ""] = [peers[chunk % peers.length], peers[(chunk + 1) % peers.length]];
    const leg = { chunk, leg: 0, attempt: 0, peer, offset: 0 };
    const switched = { type: "peer-switched", at, chunk, from: other, to: peer, reason: "CONNECTION_LOST" } as const;
    const whole = { chunk, bytes, peers: { [peer]: bytes }, attempts: 1, elapsedMs: 100 };
    return [
      ...(chunk % 50 === 0 ? [switched] : []),
      { type: "attempt-started", at, ...leg },
      { type: "chunk-verified", at, ...whole },
    ];
  }

  #begin(): void {
    const at = Date.now();
    this.#done = 0;
    this.#detail = new DownloadDetail();
    const card = { root: "0".repeat(64), name: "file.bin", size, chunkSize: bytes, chunkCount };
    const manifest = { ...card, integrity: "chunks" } as const;
    this.#detail.fold({ type: "download-started", at, manifest, resumedChunks: 0, resumedBytes: 0 });
    for (const peer of peers) this.#detail.fold({ type: "peer-joined", at, peer, source: "link" });
    for (const [client, download] of this.#watched)
      client.send(encodeControl({ ...this.#list(false), details: this.#snapshot(download) }));
  }

  #list(whole: boolean) {
    const order = Array.from({ length: this.#downloads }, (_, place) => place + 1);
    const pace = { bytesPerSecond: step * 10 * bytes, secondsLeft: 10, peers: peers.length, retries: 0, recovering: 0 };
    const rows = order.map((id): DownloadRow => ({
      ...{ id, name: `file-${id}.bin`, sources: peers, dir: "/downloads", state: "running", phase: "downloading" },
      ...{ priority: "normal", size, done: this.#done * bytes, addedAt: id, ...pace },
    }));
    const total = { bytesPerSecond: rows.length * pace.bytesPerSecond, counts: { running: rows.length } };
    const settings = { concurrency: 20, limitRate: null, dir: "/downloads", retry: {} };
    const list = { whole, rows, gone: [], total, ...(whole && { order, settings }) };
    return { type: "update", at: Date.now(), list } as const;
  }
}
