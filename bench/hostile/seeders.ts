import { createHash } from "node:crypto";
import type { WebSocket } from "ws";
import type { ClientMessage, GetChunk, GetManifest, ServerMessage } from "../../src/protocol/messages.js";

/** One client, as a hostile seeder has it. */
export interface Victim {
  readonly socket: WebSocket;
  /** Right bytes of a request. */
  readonly bytesFor: (request: GetChunk) => Buffer;
  /** Right answer to a question for the manifest. */
  readonly manifestFor: (request: GetManifest) => Extract<ServerMessage, { readonly type: "manifest" }>;
  readonly say: (message: ServerMessage) => void;
  /** Any bytes as a frame. */
  readonly raw: (bytes: Uint8Array | string) => void;
  /** Does it again and again until the client has left. */
  readonly every: (ms: number, work: () => void) => void;
}

/** A way in which a seeder is hostile. */
export interface HostileSeeder {
  readonly name: string;
  /** When the client has come; the hello is said before unless `says` is false. */
  readonly greets?: (victim: Victim) => void;
  readonly saysHello?: boolean;
  /** What it does with a question; the manifest is told as it is unless it is said otherwise. */
  readonly asked?: (message: Exclude<ClientMessage, { readonly type: "hello" }>, victim: Victim) => void;
}

type Asked = (request: GetChunk, victim: Victim) => void;

const onChunk = (name: string, answer: Asked): HostileSeeder => ({
  name,
  asked: (message, victim) => {
    if (message.type === "get-chunk") answer(message, victim);
    else if (message.type === "get-manifest") victim.say(victim.manifestFor(message));
  },
});

const onManifest = (
  name: string,
  change: (right: Extract<ServerMessage, { readonly type: "manifest" }>) => object,
): HostileSeeder => ({
  name,
  asked: (message, victim) => {
    if (message.type === "get-manifest") {
      const right = victim.manifestFor(message);
      victim.say({ ...right, ...change(right) });
    } else if (message.type === "get-chunk") answerRightly(message, victim);
  },
});

function answerRightly(request: GetChunk, victim: Victim): void {
  const bytes = victim.bytesFor(request);
  for (let at = 0; at < bytes.length; at += 65_536)
    victim.say({ type: "data", id: request.id, offset: request.offset + at, bytes: bytes.subarray(at, at + 65_536) });
  victim.say({ type: "end", id: request.id });
}

const data = ({ id, offset }: GetChunk, bytes: Uint8Array): ServerMessage => ({ type: "data", id, offset, bytes });
const noise = (length: number): Buffer => createHash("shake256", { outputLength: length }).update("noise").digest();
const refuses = (code: string, more: object = {}): HostileSeeder =>
  onChunk(`answers ${code}${JSON.stringify(more)}`, ({ id }, { say }) =>
    say({ type: "error", id, code, message: "no", ...more }),
  );

export const seeders: readonly HostileSeeder[] = [
  { name: "says nothing, not even hello", saysHello: false },
  { name: "closes at once", greets: ({ socket }) => socket.close() },
  { name: "resets at once", greets: ({ socket }) => socket.terminate() },
  { name: "answers no question", asked: () => undefined },
  { name: "says hello of version 99", saysHello: false, greets: hello({ version: 99 }) },
  { name: "takes no requests", saysHello: false, greets: hello({ limits: { frameBytes: 65_536, requests: 0 } }) },
  {
    name: "takes endless requests",
    saysHello: false,
    greets: hello({ limits: { frameBytes: 2 ** 53 - 1, requests: 2 ** 53 - 1 } }),
  },
  { name: "says hello for ever", greets: (victim) => victim.every(1, () => hello({})(victim)) },
  { name: "sends text", greets: ({ raw }) => raw("hello") },
  { name: "sends noise", greets: ({ raw }) => raw(noise(1000)) },
  { name: "sends empty frames for ever", greets: ({ every, raw }) => every(1, () => raw(Buffer.alloc(0))) },
  { name: "sends a frame of 4 MiB", greets: ({ raw }) => raw(Buffer.alloc(4 * 1024 * 1024)) },
  { name: "sends a map that claims 4 billion entries", greets: ({ raw }) => raw(Buffer.from("dfffffffff", "hex")) },
  { name: "sends text that claims 4 GB", greets: ({ raw }) => raw(Buffer.from("dbffffffff61", "hex")) },
  { name: "nests a thousand lists", greets: ({ raw }) => raw(Buffer.alloc(60_000, 0x91)) },
  { name: "sends an extension", greets: ({ raw }) => raw(Buffer.from("c70572aabbccddee", "hex")) },
  {
    name: "never ends a fragmented message",
    greets: ({ socket, every }) => every(1, () => socket.send(noise(1024), { fin: false })),
  },
  { name: "pings for ever", greets: ({ socket, every }) => every(1, () => socket.ping(noise(100))) },
  {
    name: "says have for ever",
    greets: ({ every, say }) =>
      every(1, () => Array.from({ length: 50 }, () => say({ type: "have", root: "ab".repeat(32), whole: true }))),
  },
  {
    name: "says have with a megabyte of bits",
    greets: ({ say }) => say({ type: "have", root: "ab".repeat(32), chunks: noise(1_000_000) }),
  },
  {
    name: "sends what nobody asked for",
    greets: ({ say, every }) =>
      every(1, () => say({ type: "data", id: 4_000_000_000, offset: 0, bytes: noise(60_000) })),
  },
  onChunk("lies in all bytes", (request, { say, bytesFor }) => {
    say(data(request, noise(Math.min(65_536, bytesFor(request).length))));
    answerRest(request, { say });
  }),
  onChunk("lies in one bit", (request, victim) => {
    const bytes = Buffer.from(victim.bytesFor(request));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    answerRightly(request, { ...victim, bytesFor: () => bytes });
  }),
  onChunk("ends without a byte", ({ id }, { say }) => say({ type: "end", id })),
  onChunk("ends early", (request, { say, bytesFor }) => {
    say(data(request, bytesFor(request).subarray(0, 1000)));
    say({ type: "end", id: request.id });
  }),
  onChunk("sends more than was asked for", (request, victim) => {
    const bytes = victim.bytesFor(request);
    answerRightly(request, { ...victim, bytesFor: () => Buffer.concat([bytes, bytes]) });
  }),
  onChunk("sends for ever", (request, { say, every }) => every(1, () => say(data(request, noise(65_536))))),
  onChunk("sends from another place", (request, { say, bytesFor }) =>
    say({ ...data(request, bytesFor(request).subarray(0, 100)), offset: request.offset + 7 } as ServerMessage),
  ),
  onChunk("sends from beyond all places", (request, { say, bytesFor }) =>
    say({ ...data(request, bytesFor(request).subarray(0, 100)), offset: 2 ** 53 - 1 } as ServerMessage),
  ),
  onChunk("answers another request", ({ id }, { say }) => say({ type: "end", id: (id + 1000) % 2 ** 32 })),
  onChunk("sends empty data", (request, { say, every }) => every(1, () => say(data(request, new Uint8Array())))),
  onChunk("drips a byte in half a second", (request, { say, bytesFor, every }) => {
    let at = 0;
    every(500, () =>
      say({ type: "data", id: request.id, offset: request.offset + at, bytes: bytesFor(request).subarray(at, ++at) }),
    );
  }),
  onChunk("falls silent in the middle", (request, { say, bytesFor }) =>
    say(data(request, bytesFor(request).subarray(0, 30_000))),
  ),
  onChunk("resets in the middle", (request, { say, bytesFor, socket }) => {
    say(data(request, bytesFor(request).subarray(0, 30_000)));
    socket.terminate();
  }),
  onChunk("sends noise in the middle", (request, { say, bytesFor, raw }) => {
    say(data(request, bytesFor(request).subarray(0, 30_000)));
    raw(noise(500));
  }),
  ...["PEER_BUSY", "RATE_LIMITED"].flatMap((code) => [
    refuses(code),
    refuses(code, { retryAfterMs: 0 }),
    refuses(code, { retryAfterMs: 1e15 }),
  ]),
  ...[
    "LOCAL_IO",
    "CHECKSUM_MISMATCH",
    "INVALID_CHUNK",
    "CHUNK_NOT_AVAILABLE",
    "FILE_NOT_FOUND",
    "AUTH_FAILED",
    "PEER_REJECTED",
    "RESOURCE_CHANGED",
    "x".repeat(64),
  ].map((code) => refuses(code)),
  ...[1000, 1002, 1008, 1011, 1013, 3000, 4999].map((code) =>
    onChunk(`closes with ${code}`, (_request, { socket }) => socket.close(code, "no")),
  ),
  onManifest("tells a manifest of another size", ({ size }) => ({ size: size + 1 })),
  onManifest("tells a manifest of 2^53 bytes", () => ({ size: 2 ** 53 - 1 })),
  onManifest("tells a manifest of wrong digests", ({ digests }) => ({ digests: noise(digests.length) })),
  onManifest("tells a manifest without digests", () => ({ digests: new Uint8Array() })),
  onManifest("tells a manifest of a billion chunks", () => ({ total: 1e9 })),
  onManifest("tells a manifest of another root", () => ({ root: "ab".repeat(32) })),
  onManifest("tells a manifest with chunks of one byte", () => ({ chunkSize: 1 })),
  onManifest("names the file ../../x", () => ({ name: "../../x" })),
  onManifest("names the file with a megabyte", () => ({ name: "x".repeat(1_000_000) })),
  onManifest("tells one digest at a time", ({ digests }) => ({ digests: digests.slice(0, 32) })),
];

function hello(change: object): (victim: Victim) => void {
  return ({ say }) => say({ type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 }, ...change });
}

function answerRest({ id }: GetChunk, { say }: Pick<Victim, "say">): void {
  say({ type: "end", id });
}
