import fc from "fast-check";
import { Packr } from "msgpackr/pack";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { decodeClientMessage, decodeServerMessage, encodeDataHead, encodeMessage } from "../../src/protocol/codec.js";
import type { ClientMessage, ServerMessage } from "../../src/protocol/messages.js";

const root = "ab".repeat(32);
const greeting: ClientMessage & ServerMessage = {
  type: "hello",
  version: 1,
  limits: { frameBytes: 2048, requests: 0 },
};
const fromClients: ClientMessage[] = [
  { type: "hello", version: 1, limits: { frameBytes: 262_656, requests: 0 } },
  { type: "hello", version: 1, limits: { frameBytes: 262_656, requests: 0 }, features: ["peers", "of-tomorrow"] },
  { type: "get-manifest", id: 0, root, from: 4096 },
  { type: "get-chunk", id: 2 ** 32 - 1, root, index: 3, offset: 5_000_000_000, length: 1 },
  { type: "get-chunk", id: 1, root, index: 3, offset: 0, length: 1, dataBytes: 1024 },
  { type: "cancel", id: 1 },
  { type: "serving", root, port: 7001, tls: true },
  { type: "serving", root, port: 0 },
];
const fromServers: ServerMessage[] = [
  { type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 } },
  {
    type: "manifest",
    id: 1,
    root,
    size: 2 ** 40,
    chunkSize: 2 ** 25,
    name: "a",
    from: 0,
    total: 2 ** 15,
    digests: new Uint8Array(64),
  },
  { type: "data", id: 1, offset: 0, bytes: Uint8Array.of(1, 2, 3) },
  { type: "end", id: 1 },
  { type: "error", id: 1, code: "PEER_BUSY", message: "later", retryAfterMs: 1.5 },
  { type: "error", code: "PROTOCOL_ERROR", message: "" },
  { type: "have", root, whole: true },
  { type: "have", root, chunks: Uint8Array.of(255) },
  { type: "peers", root, places: ["ws://192.0.2.7:7001"] },
  { type: "asked", root, chunks: Uint8Array.of(255) },
];

/** Messages as another implementation might write them, right or wrong. */
function pack(value: unknown): Uint8Array {
  return new Packr({ useRecords: false }).pack(value);
}

function codeOf(decode: (frame: Uint8Array) => unknown, frame: Uint8Array): string {
  try {
    decode(frame);
    return "decoded";
  } catch (error) {
    return error instanceof DownloadError ? error.code : `threw ${String(error)}`;
  }
}

describe("the codec", () => {
  it.each(fromClients)("The codec reads back a client's $type", (message) => {
    expect(decodeClientMessage(encodeMessage(message))).toEqual(message);
  });

  it.each(fromServers)("The codec reads back a server's $type", (message) => {
    const read = decodeServerMessage(encodeMessage(message));
    expect(JSON.stringify(read)).toBe(JSON.stringify(decodeServerMessage(pack(message))));
    expect(read).toMatchObject({
      ...message,
      ...("bytes" in message ? { bytes: Buffer.from(message.bytes) } : {}),
      ...("digests" in message ? { digests: Buffer.from(message.digests) } : {}),
      ...("chunks" in message ? { chunks: Buffer.from(message.chunks) } : {}),
    });
  });

  it("The codec writes the head of a data message so that its payload completes it", () => {
    for (const offset of [0, 1000, 5_000_000_000]) {
      const bytes = new Uint8Array(70_000).fill(offset & 0xff);
      const head = encodeDataHead({ id: 300, offset, length: bytes.length });
      const read = decodeServerMessage(Buffer.concat([head, bytes]));
      expect(read).toEqual({ type: "data", id: 300, offset, bytes: Buffer.from(bytes) });
      expect(Buffer.concat([head, bytes]).equals(encodeMessage({ type: "data", id: 300, offset, bytes }))).toBe(true);
    }
  });

  it.each(["d6ff00000000", "c7027892a1", "c800010500", "c9000000010500", "d401", "d501", "d701", "d801"])(
    "The codec refuses what is of an extension type, also where nobody asks for it: %s",
    (extension) => {
      const message = Buffer.from(pack({ type: "cancel", id: 1, more: { deep: [1, 0] } }));
      const frame = Buffer.concat([message.subarray(0, -1), Buffer.from(extension, "hex")]);
      expect(codeOf(decodeClientMessage, frame)).toBe("PROTOCOL_ERROR");
      expect(() => decodeServerMessage(frame)).toThrow(/it has an extension of MessagePack$/);
    },
  );

  it("The codec takes every other kind of value in members that it does not know", () => {
    const numbers = [0, -1, 127, 128, 255, 256, 65_536, 2 ** 40, -33, -129, -40_000, -(2 ** 40), 0.1, 1.5];
    const texts = [0, 31, 32, 256, 70_000].map((length) => "\u00d4".repeat(length / 2) + "x");
    const many = [
      ...texts.map((text) => new TextEncoder().encode(text)),
      Array(20).fill(null),
      Array(70_000).fill(true),
    ];
    const map = Object.fromEntries(Array.from({ length: 70_000 }, (_, n) => [`${n}`, n]));
    const message = { type: "cancel", id: 1, more: [numbers, texts, many, map, { a: [false, null, 2n ** 60n] }] };
    const packr = new Packr({ useRecords: false, variableMapSize: true });
    expect(decodeClientMessage(packr.pack(message))).toEqual({ type: "cancel", id: 1 });
  });

  it("The codec reads strangers' frames in JavaScript alone", async () => {
    const reader: object = await import("msgpackr/unpack");
    decodeClientMessage(encodeMessage({ type: "cancel", id: 1 }));
    expect(Reflect.get(reader, "isNativeAccelerationEnabled")).toBe(false);
  });

  it("The codec hands out payloads as views of the frame", () => {
    const frame = encodeMessage({ type: "data", id: 1, offset: 0, bytes: Uint8Array.of(1, 2, 3) });
    const read = decodeServerMessage(frame);
    expect(read.type === "data" && read.bytes.buffer).toBe(frame.buffer);
  });

  it("The codec does not hand out what it wrote before", () => {
    const first = encodeMessage({ type: "cancel", id: 1 });
    const copy = first.slice();
    for (let id = 0; id < 5000; id += 1) encodeMessage({ type: "cancel", id });
    expect(Buffer.from(first).equals(copy)).toBe(true);
  });

  it("The codec reads 64-bit integers and ignores members it does not know", () => {
    const big = Buffer.concat([
      Buffer.from("82a474797065a663616e63656ca26964cf", "hex"),
      Buffer.from("0000000000000007", "hex"),
    ]);
    expect(decodeClientMessage(big)).toEqual({ type: "cancel", id: 7 });
    expect(decodeClientMessage(pack({ type: "cancel", id: 7, colour: "red" }))).toEqual({ type: "cancel", id: 7 });
  });

  it.each([
    ["an unknown type", { type: "sing" }],
    ["a type from Object.prototype", { type: "toString" }],
    ["a type that is no string", { type: 5 }],
    ["a server's message", { type: "end", id: 1 }],
    ["a list", [1]],
    ["null", null],
    ["a negative id", { type: "cancel", id: -1 }],
    ["a fraction", { type: "cancel", id: 1.5 }],
    ["a missing member", { type: "cancel" }],
    ["a huge number", { type: "get-manifest", id: 1, root, from: 2 ** 60 }],
    ["a short root", { type: "get-manifest", id: 1, root: "ab", from: 0 }],
    ["an empty range", { type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 0 }],
    ["tiny data", { type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 1, dataBytes: 1023 }],
    ["many features", { ...greeting, features: Array.from({ length: 17 }, (_, n) => `f${n}`) }],
    ["a feature of a long name", { ...greeting, features: ["f".repeat(33)] }],
    ["features that are no list", { ...greeting, features: "peers" }],
    ["features that are no texts", { ...greeting, features: [1] }],
    ["a port that is none", { type: "serving", root, port: 65_536 }],
    ["a port that is a text", { type: "serving", root, port: "7001" }],
    ["tiny frames", { type: "hello", version: 1, limits: { frameBytes: 10, requests: 0 } }],
  ])("The codec refuses %s from a client", (_name, value) => {
    expect(codeOf(decodeClientMessage, pack(value))).toBe("PROTOCOL_ERROR");
  });

  it.each([
    ["empty data", { type: "data", id: 1, offset: 0, bytes: new Uint8Array(0) }],
    ["too much data", { type: "data", id: 1, offset: 0, bytes: new Uint8Array(262_145) }],
    ["many places", { type: "peers", root, places: Array.from({ length: 51 }, () => "ws://192.0.2.7:7001") }],
    ["a long place", { type: "peers", root, places: [`ws://192.0.2.7:${"7".repeat(50)}`] }],
    ["places that are no list", { type: "peers", root, places: "ws://192.0.2.7:7001" }],
    ["text for bytes", { type: "data", id: 1, offset: 0, bytes: "abc" }],
    [
      "half a digest",
      {
        type: "manifest",
        id: 1,
        root,
        size: 1,
        chunkSize: 1,
        name: "",
        from: 0,
        total: 1,
        digests: new Uint8Array(31),
      },
    ],
    [
      "too many digests",
      {
        type: "manifest",
        id: 1,
        root,
        size: 1,
        chunkSize: 1,
        name: "",
        from: 0,
        total: 1,
        digests: new Uint8Array(32 * 4097),
      },
    ],
    ["a wait that is no number", { type: "error", code: "PEER_BUSY", message: "", retryAfterMs: Number.NaN }],
    ["a long code", { type: "error", code: "X".repeat(65), message: "" }],
    ["a long message", { type: "error", code: "X", message: "x".repeat(1025) }],
    ["have without chunks", { type: "have", root }],
    ["a client's message", { type: "cancel", id: 1 }],
  ])("The codec refuses %s from a server", (_name, value) => {
    expect(codeOf(decodeServerMessage, pack(value))).toBe("PROTOCOL_ERROR");
  });

  it("The codec names what is wrong", () => {
    expect(() => decodeClientMessage(pack({ type: "sing" }))).toThrow(
      'its type is "sing", expected one of hello, get-manifest',
    );
    expect(() => decodeClientMessage(pack({ type: "cancel", id: "a" }))).toThrow(
      '"cancel" has a wrong id: Invalid type',
    );
    expect(() => decodeClientMessage(Uint8Array.of(0xc1, 0xc1))).toThrow("its 2 bytes are not MessagePack");
  });

  it("The codec either reads random bytes or refuses them as PROTOCOL_ERROR", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (frame) => {
        expect(codeOf(decodeClientMessage, frame)).toMatch(/^(decoded|PROTOCOL_ERROR)$/);
        expect(codeOf(decodeServerMessage, frame)).toMatch(/^(decoded|PROTOCOL_ERROR)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it("The codec either reads damaged messages or refuses them as PROTOCOL_ERROR", () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...fromClients, ...fromServers),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
      )
      .map(([message, changes, cut]) => {
        const frame = encodeMessage(message).slice();
        for (const [at, byte] of changes) frame[at % frame.length] = byte;
        return cut % 3 === 0 ? frame.subarray(0, cut % frame.length) : frame;
      });
    fc.assert(
      fc.property(damaged, (frame) => {
        expect(codeOf(decodeClientMessage, frame)).toMatch(/^(decoded|PROTOCOL_ERROR)$/);
        expect(codeOf(decodeServerMessage, frame)).toMatch(/^(decoded|PROTOCOL_ERROR)$/);
      }),
      { numRuns: 2000 },
    );
  });
});
