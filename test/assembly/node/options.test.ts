import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, of } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { downloadToBlob } from "../../../src/browser.js";
import { download } from "../../../src/index.js";
import {
  createSeeder,
  downloadAll,
  downloadFile,
  downloadFiles,
  downloadStats,
  downloadStatus,
  FileSink,
  fileSource,
  forgetPeers,
  knownPeers,
  makeManifest,
  metalinkFiles,
  parsePeerLink,
  serveFiles,
  serveWebSocket,
  verifyFile,
  writeMetalink,
} from "../../../src/node.js";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { httpPeers } from "../../../src/adapters/http/httpPeers.js";
import { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import { webSocketPeers } from "../../../src/adapters/websocket/webSocketPeers.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const address = "http://127.0.0.1:1/film.mkv";

/** Each door with options as JavaScript may give them. */
const doors: Readonly<Record<string, (options: never) => unknown>> = {
  downloadFile: (options) => downloadFile(address, options),
  downloadAll: (options) => downloadAll([address], options),
  downloadFiles: (options) => downloadFiles(address, options),
  downloadToBlob: (options) => downloadToBlob(address, options),
  serveFiles: (options) => serveFiles("film.mkv", options),
  makeManifest: (options) => makeManifest("film.mkv", options),
  verifyFile: (options) => verifyFile("film.mkv", "film.mkv.meta4", options),
  metalinkFiles: (options) => metalinkFiles("film.mkv.meta4", options),
  knownPeers: (options) => knownPeers(options),
  forgetPeers: (options) => forgetPeers("all", options),
  downloadStats: (options) => downloadStats(options),
};

const link = `ws://127.0.0.1:1/${"0".repeat(64)}`;

/** Doors for those who wire a download, or a seeder, of their own. */
const portDoors: Readonly<Record<string, (options: never) => unknown>> = {
  FileSink: (options) => new FileSink("film.mkv", options),
  fileSource: (options) => fileSource("film.mkv", options),
  connectNode: (options) => connectNode(options),
  dialNode: (options) => dialNode(options),
  HttpPeer: (options) => new HttpPeer(address, options),
  httpPeers: (options) => httpPeers(of([address]), options),
  WebSocketPeer: (options) => new WebSocketPeer(link, options),
  webSocketPeers: (options) => webSocketPeers(of([link]), options),
  createSeeder: (options) => createSeeder(new Map(), options),
  serveWebSocket: (options) => serveWebSocket(createSeeder(new Map()), options),
  download: (options) => download(options),
};

afterEach(cleanUp);

describe("the options of the doors for parts", () => {
  it.each([
    ["FileSink", "overwrites", "overwrite"],
    ["fileSource", "chunkBytes", "chunkSize"],
    ["connectNode", "cas", "ca"],
    ["dialNode", "cas", "ca"],
    ["HttpPeer", "header", "headers"],
    ["httpPeers", "closesWhen", "closeWhen"],
    ["WebSocketPeer", "token", "tokens"],
    ["webSocketPeers", "idle", "idleMs"],
    ["createSeeder", "maxRequest", "maxRequests"],
    ["serveWebSocket", "prot", "port"],
    ["download", "digests", "digest"],
  ])("%s refuses the option %s by name, and names %s, which is meant", (door, given, meant) => {
    expect(() => portDoors[door]?.({ [given]: "x" } as never)).toThrow(
      new RegExp(`^unknown option "${given}" of ${door}, did you mean "${meant}"\\? known are .*\\b${meant}\\b`),
    );
  });

  it.each(Object.keys(portDoors))("%s refuses what is no object of options", (door) => {
    expect(() => portDoors[door]?.(null as never)).toThrow(`the options of ${door} are null; they must be an object`);
  });

  it.each<readonly [string, () => unknown, string]>([
    ["a path", () => new FileSink(5 as never), "path is 5; it must be the path of a file"],
    [
      "a folder",
      () => downloadStatus({ folder: "." } as never),
      'folder is {"folder":"."}; it must be the path of a folder',
    ],
    [
      "sources",
      () => createSeeder(5 as never),
      "sources is 5; it must be what finds a source by its root, such as a Map",
    ],
    ["a seeder", () => serveWebSocket(5 as never), "seeder is 5; it must be a seeder, such as createSeeder makes"],
    [
      "a port",
      () => serveWebSocket(createSeeder(new Map()), { port: "80" as never }),
      'port is "80"; it must be a whole',
    ],
    [
      "connections",
      () => new HttpPeer(address, {} as never),
      "connect is undefined; it must be what makes connections",
    ],
    ["addresses", () => httpPeers([address] as never, {} as never), "it must be an observable of lists of addresses"],
    ["a peer", () => forgetPeers({ peers: "a" } as never), 'which is {"peers":"a"}; it must be "all", or { peer }'],
    [
      "a sink",
      () => download({ manifest: { name: "a", size: 1 }, peers: of([]) } as never),
      "sink is undefined; it must be",
    ],
    ["addresses", () => writeMetalink({} as never, address as never), "it must be a list of addresses"],
  ])("%s of another shape is refused with what is right", (_what, call, message) => {
    expect(call).toThrow(message);
  });

  it("A URL is taken for the address of a peer, and an option that is undefined is not given", () => {
    const peer = new HttpPeer(new URL(address), { connect: connectNode({ ca: undefined }), headers: undefined });
    expect(peer.id).toBe(address);
    expect(new WebSocketPeer(new URL(link), { dial: dialNode(), tokens: undefined }).id).toBe("ws://127.0.0.1:1");
    expect(parsePeerLink(new URL(link)).url).toBe(link);
  });
});

describe("the options of the doors", () => {
  it.each([
    ["downloadFile", "output", "out"],
    ["downloadFile", "header", "headers"],
    ["downloadFile", "discardsWhen", "discardWhen"],
    ["downloadAll", "concurrently", "concurrency"],
    ["downloadFiles", "directory", "dir"],
    ["downloadToBlob", "maxByte", "maxBytes"],
    ["serveFiles", "prot", "port"],
    ["makeManifest", "url", "urls"],
    ["verifyFile", "selected", "select"],
    ["metalinkFiles", "maxMetalinkSize", "maxMetalinkBytes"],
    ["knownPeers", "catalog", "catalogue"],
    ["forgetPeers", "catalog", "catalogue"],
    ["downloadStats", "catalog", "catalogue"],
  ])("%s refuses the option %s by name, and names %s, which is meant", (door, given, meant) => {
    expect(() => doors[door]?.({ [given]: "x" } as never)).toThrow(
      new RegExp(`^unknown option "${given}" of ${door}, did you mean "${meant}"\\? known are .*\\b${meant}\\b`),
    );
  });

  it.each(Object.keys(doors))("%s refuses options that are no object", (door) => {
    for (const options of [null, "x", ["x"]]) {
      expect(() => doors[door]?.(options as never)).toThrow(
        new TypeError(`the options of ${door} are ${JSON.stringify(options)}; they must be an object`),
      );
    }
  });

  it.each<readonly [string, object, string]>([
    [
      "downloadFile",
      { headers: { authorization: "s3cr3t" } },
      'headers must be headers by host, without a scheme, such as { "a.example:8080": { "x-key": "KEY" } }',
    ],
    [
      "downloadFile",
      { headers: { "http://a:80": { "x-key": "s3cr3t" } } },
      "headers must be headers by host, without a scheme",
    ],
    ["downloadFile", { headers: new Headers({ "x-key": "s3cr3t" }) }, "headers must be headers by host"],
    ["downloadFile", { tokens: { "http://a:80": "s3cr3t" } }, "tokens must be secrets by host, without a scheme"],
    ["downloadFile", { pauseWhen: Promise.resolve() }, "pauseWhen is an object of Promise; it must be an observable"],
    ["downloadFile", { discardWhen: true }, "discardWhen is true; it must be an observable of signals to give up"],
    ["downloadAll", { concurrency: "5" }, 'concurrency is "5"; it must be a whole number of files, at least 1'],
    ["downloadFile", { retry: 3 }, "retry is 3; it must be an object of retry options"],
    [
      "downloadFile",
      { retry: { maxChunkRetry: 3 } },
      'unknown option "maxChunkRetry" of retry, did you mean "maxChunkRetries"?',
    ],
    ["downloadFiles", { select: "film.mkv" }, 'select is "film.mkv"; it must be a list of names, or of places from 1'],
    ["downloadToBlob", { maxBytes: "1" }, 'maxBytes is "1"; it must be a number of bytes'],
    ["downloadToBlob", { peers: [address] }, `peers is ["${address}"]; it must be an observable of lists of places`],
    ["serveFiles", { port: 99_999 }, "port is 99999; it must be a whole number from 0 to 65535"],
    ["makeManifest", { urls: address }, `urls is "${address}"; it must be a list of addresses`],
    ["verifyFile", { select: 0 }, "select is 0; it must be a name, or a place from 1"],
    ["metalinkFiles", { ca: 3 }, "ca must be a certificate as PEM, or several"],
    ["knownPeers", { catalogue: 3 }, "catalogue is 3; it must be the path of a file"],
  ])("%s refuses %j, and says what is right", (door, options, message) => {
    let error: unknown;
    try {
      doors[door]?.(options as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("s3cr3t");
  });

  it("A host of headers and tokens may be a name, an address, an address of IPv6, each with a port or without", () => {
    for (const host of ["a.example", "a.example:8080", "127.0.0.1", "[::1]:80", "localhost"]) {
      expect(() =>
        downloadFile(address, { headers: { [host]: { "x-key": "a" } }, tokens: { [host]: "b" } }),
      ).not.toThrow();
    }
  });
});

describe("addresses", () => {
  it("A URL is taken as a source, as a checksum's list and as a peer that comes later, as its text is", async () => {
    const bytes = randomBytes(100_000);
    const dir = await tempFolder();
    const { url } = await serve(answerWith(bytes, { etag: '"v1"' }), { path: "/film.mkv" });
    const address = new URL(url);
    const options = { dir, catalogue: false, peers: of([address]), checksum: undefined, limitRate: undefined };
    const last = await lastValueFrom(downloadFile(address, options));
    expect(last).toMatchObject({
      type: "download-completed",
      path: join(dir, "film.mkv"),
      account: { integrity: "none", done: bytes.length, verified: 0 },
    });
    expect(bytes.equals(await readFile(join(dir, "film.mkv")))).toBe(true);
    for (const call of [
      () => downloadToBlob([address]),
      () => downloadFiles(address),
      () => downloadFile(address, { checksum: new URL("/SHA256SUMS", address) }),
      () => metalinkFiles(new URL("all.meta4", address)),
      () => verifyFile("film.mkv", new URL("all.meta4", address)),
      () => makeManifest("film.mkv", { urls: [address] }),
    ]) {
      expect(call).not.toThrow();
    }
  });

  it("Peers that come as one address, and not as a list, end the download with a TypeError that says what to emit", async () => {
    const dir = await tempFolder();
    const { url } = await serve(answerWith(randomBytes(10)), { path: "/film.mkv" });
    const peers = of(url as unknown as readonly string[]);
    await expect(
      lastValueFrom(downloadFile([url, url + "?2"], { dir, catalogue: false, peers })),
    ).rejects.toMatchObject({
      message: expect.stringContaining("it must emit lists of places, such as of(") as unknown,
    });
  });
});
