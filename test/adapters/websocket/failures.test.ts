import fc from "fast-check";
import { WebSocketServer } from "ws";
import { afterEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { closeError } from "../../../src/adapters/websocket/closeError.js";
import type { WebSocketPeerOptions } from "../../../src/adapters/websocket/PeerOptions.js";
import { socketError } from "../../../src/adapters/websocket/socketError.js";
import { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { decodeServerMessage, encodeMessage } from "../../../src/protocol/codec.js";
import { digestsPerSlice } from "../../../src/protocol/digestsPerSlice.js";
import type { ClientMessage, GetChunk, GetManifest, ServerMessage } from "../../../src/protocol/messages.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, errorOf, peerAt, plainTcp, refusing, scripted, serve, wholeChunk } from "./harness.js";

const root = "ab".repeat(32);
const range = { chunk: 2, offset: 10, length: 100, position: 210 };

afterEach(cleanUp);

function ask(url: string, options: Partial<WebSocketPeerOptions> = {}) {
  return errorOf(peerAt(`${url}/${root}`, options).request(range));
}

/** What a request ends with when it is answered with these messages. */
async function answered(
  answer: (request: GetChunk) => readonly ServerMessage[],
  options: Partial<WebSocketPeerOptions> = {},
) {
  const server = await scripted((message, client) => {
    if (message.type === "get-chunk") for (const reply of answer(message)) client.say(reply);
  });
  return { error: await ask(server.url, options), server };
}

describe("a peer that cannot be reached is", () => {
  it("CONNECTION_REFUSED where nobody listens, the same error for all requests that waited", async () => {
    const server = serve([]);
    const { port, url } = await server.seen("listening");
    server.stop();
    const peer = peerAt(`${url}/${root}`);
    const errors = await Promise.all([1, 2, 3].map(() => errorOf(peer.request(range))));
    expect(errors[0]).toMatchObject({ code: "CONNECTION_REFUSED", peer: `ws://127.0.0.1:${port}` });
    expect(new Set(errors).size).toBe(1);
  });

  it("HOST_NOT_FOUND when its name is unknown", async () => {
    expect(await ask("ws://nowhere.invalid:1")).toMatchObject({ code: "HOST_NOT_FOUND" });
  });

  it("TIMEOUT when it does not answer the handshake, or says no hello", async () => {
    const silent = await plainTcp(() => undefined);
    const mute = await scripted(() => undefined, { hello: false });
    const options = { dialTimeoutMs: 50 };
    expect(await ask(silent, options)).toMatchObject({ code: "TIMEOUT" });
    expect(await ask(mute.url, options)).toMatchObject({ code: "TIMEOUT" });
  });

  it("CONNECTION_RESET when it hangs up in the handshake", async () => {
    expect(await ask(await plainTcp((socket) => socket.once("data", () => socket.resetAndDestroy())))).toMatchObject({
      code: "CONNECTION_RESET",
    });
  });

  it("PROTOCOL_ERROR when it does not speak HTTP or names another subprotocol", async () => {
    expect(
      await ask(await plainTcp((socket) => socket.once("data", () => socket.end("SSH-2.0\r\n\r\n")))),
    ).toMatchObject({
      code: "PROTOCOL_ERROR",
    });
    const other = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => false });
    await new Promise((resolve) => other.once("listening", resolve));
    const address = other.address();
    expect(await ask(`ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`)).toMatchObject({
      code: "PROTOCOL_ERROR",
    });
    other.close();
  });

  it("PEER_REJECTED when TLS fails", async () => {
    const plain = serve([]);
    const { port } = await plain.seen("listening");
    const error = await ask(`wss://127.0.0.1:${port}`);
    expect(error.code).toBe("PEER_REJECTED");
    expect(error.message).toContain("TLS");
  });

  it.each([
    [401, "", "AUTH_FAILED", undefined],
    [403, "", "AUTH_FAILED", undefined],
    [404, "", "FILE_NOT_FOUND", undefined],
    [408, "", "PEER_BUSY", undefined],
    [429, "Retry-After: 7\r\n", "RATE_LIMITED", 7000],
    [503, "Retry-After: 999999\r\n", "PEER_BUSY", 86_400_000],
    [503, "Retry-After: tomorrow\r\n", "PEER_BUSY", undefined],
    [500, "", "PEER_UNAVAILABLE", undefined],
    [502, "", "PEER_UNAVAILABLE", undefined],
    [302, "Location: ws://127.0.0.1:1/\r\n", "PEER_REJECTED", undefined],
    [418, "", "PEER_REJECTED", undefined],
  ])("The answer HTTP %d with %j to a handshake is %s", async (status, header, code, retryAfterMs) => {
    const url = await refusing(`HTTP/1.1 ${status} No\r\n${header}Content-Length: 0\r\nConnection: close\r\n\r\n`);
    const error = await ask(url);
    expect(error.code).toBe(code);
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });
});

describe("a peer that hangs up gives", () => {
  it.each([
    [1000, "CONNECTION_LOST"],
    [1001, "CONNECTION_LOST"],
    [1002, "PROTOCOL_ERROR"],
    [1007, "PROTOCOL_ERROR"],
    [1008, "PEER_REJECTED"],
    [1009, "PROTOCOL_ERROR"],
    [1011, "PEER_UNAVAILABLE"],
    [1012, "PEER_UNAVAILABLE"],
    [1013, "PEER_BUSY"],
    [3000, "AUTH_FAILED"],
    [4321, "CONNECTION_LOST"],
  ])("The close code %d is %s", async (close, code) => {
    const server = await scripted((message, { socket }) => {
      if (message.type === "get-chunk") socket.close(close, "be\u0007cause");
    });
    const error = await ask(server.url);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(`(${close}): be cause`);
  });

  it("CONNECTION_RESET when its socket was reset", async () => {
    const server = await scripted((_message, { socket }) => {
      // The only way to a reset: the raw socket.
      const raw: unknown = Reflect.get(socket, "_socket");
      if (typeof raw === "object" && raw !== null && "resetAndDestroy" in raw)
        (raw as { resetAndDestroy(): void }).resetAndDestroy();
    });
    expect(await ask(server.url)).toMatchObject({ code: "CONNECTION_RESET" });
  });

  it("A peer that hangs up gives what its last error message said", async () => {
    const { error } = await answered(() => [
      { type: "error", code: "RATE_LIMITED", message: "slow down", retryAfterMs: 40 },
    ]);
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 40 });
  });
});

it("Errors of sockets are known by their codes", () => {
  const codeOf = (code: string, message = "x") => socketError("p", Object.assign(new Error(message), { code })).code;
  expect(["EPIPE", "ECONNABORTED", "ETIMEDOUT", "EHOSTDOWN"].map((code) => codeOf(code))).toEqual([
    "CONNECTION_RESET",
    "CONNECTION_RESET",
    "TIMEOUT",
    "CONNECTION_REFUSED",
  ]);
  for (const code of ["EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"]) expect(codeOf(code)).toBe("NETWORK_DOWN");
  for (const code of ["ENOTFOUND", "EAI_AGAIN"]) expect(codeOf(code)).toBe("HOST_NOT_FOUND");
  expect(codeOf("DEPTH_ZERO_SELF_SIGNED_CERT")).toBe("PEER_REJECTED");
  expect(codeOf("HPE_INVALID_CONSTANT")).toBe("PROTOCOL_ERROR");
  expect(codeOf("ESTRANGE", "")).toBe("CONNECTION_LOST");
  expect(socketError("p", new Error("who knows")).code).toBe("CONNECTION_LOST");
  expect(closeError("p", 1006, "").message).toBe("p closed the connection (1006)");
});

it("When several addresses of one name failed, one that answered is the reason", () => {
  const failed = (...codes: string[]) => {
    const errors = codes.map((code) => Object.assign(new Error(code), { code }));
    return socketError("p", Object.assign(new AggregateError(errors), { code: codes[0] })).code;
  };
  expect(failed("ENETUNREACH", "ECONNREFUSED")).toBe("CONNECTION_REFUSED");
  expect(failed("ENETUNREACH", "EHOSTUNREACH")).toBe("NETWORK_DOWN");
});

describe("a request ends as INVALID_CHUNK, and its connection stays, when the peer sends", () => {
  const data = (id: number, offset: number, length: number): ServerMessage => ({
    type: "data",
    id,
    offset,
    bytes: new Uint8Array(length),
  });

  it.each<[string, (request: GetChunk) => ServerMessage[]]>([
    ["bytes of another place", ({ id }) => [data(id, 0, 10)]],
    ["a gap", ({ id }) => [data(id, 10, 10), data(id, 30, 10)]],
    ["bytes twice", ({ id }) => [data(id, 10, 10), data(id, 10, 10)]],
    ["more than was asked for", ({ id }) => [data(id, 10, 60), data(id, 70, 60)]],
    ["an early end", ({ id }) => [data(id, 10, 60), { type: "end", id }]],
    [
      "a manifest",
      ({ id }) => [
        { type: "manifest", id, root, size: 0, chunkSize: 1, name: "", from: 0, total: 0, digests: new Uint8Array(0) },
      ],
    ],
  ])("%s", async (_name, answer) => {
    const { error, server } = await answered(answer);
    expect(error).toMatchObject({ code: "INVALID_CHUNK", chunk: 2 });
    expect(server.connections()).toBe(1);
  });
});

describe("a connection ends as PROTOCOL_ERROR when the peer", () => {
  const hello: ServerMessage = { type: "hello", version: 1, limits: { frameBytes: 1024, requests: 1 } };

  it.each<[string, (request: GetChunk) => ServerMessage[]]>([
    ["answers what was never asked", ({ id }) => [{ type: "end", id: id + 1 }]],
    ["says hello again", () => [hello]],
    ["has chunks of another file", () => [{ type: "have", root: "cd".repeat(32), whole: true }]],
    [
      "sends data after the end",
      ({ id }) => [
        { type: "data", id, offset: 10, bytes: new Uint8Array(100) },
        { type: "error", id, code: "UNKNOWN", message: "" },
        { type: "data", id, offset: 10, bytes: new Uint8Array(1) },
      ],
    ],
  ])("%s", async (_name, answer) => {
    const server = await scripted((message, client) => {
      if (message.type !== "get-chunk") return;
      // A second request keeps listening when the first one is answered.
      if (message.index === 3) for (const reply of answer({ ...message, id: message.id - 1 })) client.say(reply);
      if (message.index === 3) for (const reply of answer(message)) client.say(reply);
    });
    const peer = peerAt(`${server.url}/${root}`);
    const first = errorOf(peer.request({ ...range, chunk: 9 }));
    const others = [errorOf(peer.request({ ...range, chunk: 2 })), errorOf(peer.request({ ...range, chunk: 3 }))];
    expect(await first).toMatchObject({ code: "PROTOCOL_ERROR" });
    await Promise.all(others);
  });

  it.each<[string, ServerMessage]>([
    ["speaks another version", { ...hello, version: 2 }],
    ["says something before hello", { type: "have", root, whole: true }],
  ])("%s", async (_name, message) => {
    const server = await scripted(() => undefined, { hello: false, onConnection: (client) => client.say(message) });
    expect(await ask(server.url)).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it("A peer that sends text ends the connection as PROTOCOL_ERROR", async () => {
    const server = await scripted((_message, { socket }) => socket.send("hello?"));
    expect(await ask(server.url)).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it("A peer that sends a broken frame ends the connection as PROTOCOL_ERROR", async () => {
    const server = await scripted((_message, { socket }) => {
      const raw: unknown = Reflect.get(socket, "_socket");
      (raw as { write(bytes: Uint8Array): void }).write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    });
    expect(await ask(server.url)).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it("A peer that sends whatever bytes ends the connection as PROTOCOL_ERROR, without the client falling over", async () => {
    const junk = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 300 }), 60);
    let next = 0;
    const server = await scripted((message, { socket }) => {
      if (message.type === "get-chunk") socket.send(junk[next++ % junk.length] ?? new Uint8Array(1));
    });
    const peer = peerAt(`${server.url}/${root}`);
    for (let round = 0; round < junk.length; round += 1) {
      expect(await errorOf(peer.request(range))).toMatchObject({ code: "PROTOCOL_ERROR" });
    }
  });
});

describe("a client limits", () => {
  it("A client limits the size of messages", async () => {
    const big = new Uint8Array(5000);
    const { error } = await answered(({ id }) => [{ type: "data", id, offset: 10, bytes: big }], {
      maxFrameBytes: 4096,
    });
    expect(error.code).toBe("PROTOCOL_ERROR");
  });

  it("A client tells the seeder the size of messages, who keeps to it", async () => {
    const { manifest, source, bytes } = await memoryFile(50_000, 50_000);
    const server = serve([source]);
    const peer = peerAt(await server.link(manifest), { maxFrameBytes: 4096 });
    expect((await bytesOf(peer.request(wholeChunk(manifest, 0)))).equals(bytes)).toBe(true);
  });

  it("A client limits messages a second", async () => {
    const drip = ({ id }: GetChunk): ServerMessage[] =>
      Array.from({ length: 50 }, (_, at) => ({ type: "data", id, offset: 10 + at, bytes: new Uint8Array(1) }));
    const { error } = await answered(drip, { maxMessagesPerSecond: 40 });
    expect(error).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(error.message).toContain("more than 40 messages a second");
  });

  it("A client limits the wait that a peer asks for", async () => {
    const busy = ({ id }: GetChunk): ServerMessage[] => [
      { type: "error", id, code: "PEER_BUSY", message: "", retryAfterMs: 1e15 },
    ];
    expect((await answered(busy, { maxRetryAfterMs: 1234 })).error.retryAfterMs).toBe(1234);
  });

  it("A client limits what an error can do to the download", async () => {
    const { error } = await answered(({ id }) => [
      { type: "error", id, code: "LOCAL_IO", message: "your disk is full" },
    ]);
    expect(error.code).toBe("UNKNOWN");
  });

  it.each(["dialTimeoutMs", "idleMs", "maxFrameBytes", "maxChunks", "maxChunkBytes", "maxMessagesPerSecond"])(
    "A client refuses a wrong %s",
    (name) => {
      expect(() => new WebSocketPeer(`ws://a:1/${root}`, { dial: dialNode(), [name]: -1 })).toThrow(
        new RegExp(`^${name} is -1`),
      );
    },
  );
});

describe("a manifest is the peer's PROTOCOL_ERROR when", () => {
  async function manifestOf(
    change: (slice: Extract<ServerMessage, { type: "manifest" }>, request: GetManifest) => object,
    options: Partial<WebSocketPeerOptions> = {},
    chunks = 10,
  ) {
    const file = await memoryFile(10 * chunks, 10, "a file");
    const answer = (request: ClientMessage): ServerMessage | undefined => {
      if (request.type !== "get-manifest") return undefined;
      const { size, chunkSize, name, digests } = file.manifest;
      const part = digests.subarray(request.from * 32, (request.from + 100) * 32);
      const slice = {
        type: "manifest",
        id: request.id,
        root: request.root,
        size,
        chunkSize,
        name,
        from: request.from,
        total: chunks,
        digests: part,
      } as const;
      return decodeServerMessage(encodeMessage({ ...slice, ...change(slice, request) }));
    };
    const server = await scripted((message, client) => {
      const reply = answer(message);
      if (reply !== undefined) client.say(reply);
    });
    return errorOf(peerAt(`${server.url}/${file.manifest.root}`, options).manifest(sha256));
  }

  it.each<[string, (slice: Extract<ServerMessage, { type: "manifest" }>, request: GetManifest) => object, RegExp]>([
    ["a digest is wrong", ({ digests }) => ({ digests: digests.map((byte) => byte ^ 1) }), /root/],
    ["its size is wrong", () => ({ size: 99 }), /root/],
    ["its size tells of other chunks", () => ({ size: 80 }), /10 chunks, expected 8/],
    ["it has too many digests", () => ({ digests: new Uint8Array(32 * 11) }), /more than 10 digests/],
    ["a slice is empty", () => ({ digests: new Uint8Array(0) }), /a slice has 0 digests, expected 4096 in each/],
    ["it comes digest by digest", ({ digests }) => ({ digests: digests.subarray(0, 32) }), /a slice has 1 digests/],
    ["a slice starts elsewhere", () => ({ from: 1 }), /something else/],
    ["it is another file's", () => ({ root: "cd".repeat(32) }), /something else/],
  ])("%s", async (_name, change, message) => {
    const error = await manifestOf(change);
    expect(error.code).toBe("PROTOCOL_ERROR");
    expect(error.message).toMatch(message);
  });

  it("A manifest whose slices are of different files is refused", async () => {
    const full = digestsPerSlice(4096, "a file");
    const change = ({ from, digests }: { from: number; digests: Uint8Array }) =>
      from === 0 ? { digests: Buffer.concat([digests, digests]).subarray(0, full * 32) } : { size: 99 };
    const error = await manifestOf(change, { maxFrameBytes: 4096 }, 150);
    expect(error).toMatchObject({
      code: "PROTOCOL_ERROR",
      message: expect.stringMatching(/different files/) as string,
    });
  });

  it.each<[string, object, RegExp]>([
    ["chunks", { maxChunks: 9 }, /10 chunks, expected at most 9/],
    ["bytes in a chunk", { maxChunkBytes: 9 }, /chunks of 10 bytes, expected at most 9/],
    ["bytes", { maxFileBytes: 99 }, /100 bytes, expected at most 99/],
    ["characters in its name", { maxNameLength: 5 }, /6 characters, expected at most 5/],
  ])("A manifest with more %s than allowed is the peer's PROTOCOL_ERROR", async (_name, options, message) => {
    const error = await manifestOf(() => ({}), options);
    expect(error.code).toBe("PROTOCOL_ERROR");
    expect(error.message).toMatch(message);
  });

  it("A manifest in an answer that is none is the peer's PROTOCOL_ERROR", async () => {
    const server = await scripted((message, client) => {
      if (message.type === "get-manifest") client.say({ type: "end", id: message.id });
    });
    expect(await errorOf(peerAt(`${server.url}/${root}`).manifest(sha256))).toMatchObject({ code: "PROTOCOL_ERROR" });
  });
});
