import * as v from "valibot";
import {
  leastDataBytes,
  longestFeature,
  longestNonce,
  longestPlace,
  maxDataBytes,
  maxDigestsPerSlice,
  maxFeatures,
  maxPlaces,
} from "./protocol.js";
import { natural32, root } from "./shapes.js";
import { clientSignals, type RtcJoin, type SentSignal, type ServerSignal, serverSignals } from "./signals.js";

const digestBytes = 32;
const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Chosen by the client, one for each request of a connection. */
const id = natural32;
// `v.instance` would narrow to bytes that own an `ArrayBuffer`, which callers cannot promise.
const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array, "Expected bytes");
const text = v.pipe(v.string(), v.maxLength(1024));

/** The first message of either end. */
const hello = v.object({
  type: v.literal("hello"),
  version: natural,
  limits: v.object({
    /** The largest message that the sender takes, bytes. */
    frameBytes: v.pipe(natural, v.minValue(1024)),
    /** Requests that the sender answers at a time; 0 from a client. */
    requests: natural,
  }),
  /** Extensions that the sender knows; messages of one go only to an end that named it. Absent: none. */
  features: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(longestFeature))), v.maxLength(maxFeatures))),
  /** Drawn by a server for each connection: a client whose own server has drawn it has dialled itself. */
  nonce: v.optional(v.pipe(v.string(), v.maxLength(longestNonce))),
});

const getManifest = v.object({ type: v.literal("get-manifest"), id, root, from: natural });
const getChunk = v.object({
  type: v.literal("get-chunk"),
  id,
  root,
  index: natural,
  offset: natural,
  length: positive,
  /** Most payload bytes of a `data` message of the answer; absent: as many as the server likes. */
  dataBytes: v.optional(v.pipe(natural, v.minValue(leastDataBytes))),
});
/** Peer exchange: the sender serves the file itself, at its own address. */
const serving = v.object({
  type: v.literal("serving"),
  root,
  /** 0: no more. */
  port: v.pipe(natural, v.maxValue(65_535)),
  /** True for `wss://`. */
  tls: v.optional(v.boolean()),
});
const cancel = v.object({ type: v.literal("cancel"), id });

const manifest = v.object({
  type: v.literal("manifest"),
  id,
  root,
  size: natural,
  chunkSize: v.pipe(positive, v.maxValue(2 ** 32 - 1)),
  name: v.string(),
  // The chunk of the first digest of this slice.
  from: natural,
  // Chunks of the file.
  total: natural,
  digests: v.pipe(
    bytes,
    v.check((digests) => digests.length % digestBytes === 0, "Expected whole digests"),
    v.check((digests) => digests.length <= maxDigestsPerSlice * digestBytes, "Expected fewer digests"),
  ),
});

const data = v.object({
  type: v.literal("data"),
  id,
  /** From the start of the chunk. */
  offset: natural,
  bytes: v.pipe(
    bytes,
    v.check((payload) => payload.length > 0 && payload.length <= maxDataBytes, "Expected 1 to 262144 bytes"),
  ),
});

const end = v.object({ type: v.literal("end"), id });

const error = v.object({
  type: v.literal("error"),
  /** The request that failed; absent when it is the connection. */
  id: v.optional(id),
  code: v.pipe(v.string(), v.maxLength(64)),
  message: text,
  retryAfterMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
});

const have = v.union([
  v.object({ type: v.literal("have"), root, whole: v.literal(true) }),
  /** Bit i (least significant first) of byte i >> 3 is set when the sender has chunk i. */
  v.object({ type: v.literal("have"), root, chunks: bytes }),
]);

/** Peer exchange: others that serve the file, each as `ws://IP:port` or `wss://IP:port`. */
const peers = v.object({
  type: v.literal("peers"),
  root,
  places: v.pipe(v.array(v.pipe(v.string(), v.maxLength(longestPlace))), v.maxLength(maxPlaces)),
});

/** Bits as those of `have`, set for the chunks that others are getting from the sender, or got of late. */
const asked = v.object({ type: v.literal("asked"), root, chunks: bytes });

/** Messages of a client, by `type`. */
export const clientSchemas = {
  hello,
  "get-manifest": getManifest,
  "get-chunk": getChunk,
  cancel,
  serving,
  ...clientSignals,
} as const;

/** Messages of a server, by `type`. */
export const serverSchemas = { hello, manifest, data, end, error, have, asked, peers } as const;

/** Messages of a server on a connection on which clients find each other, by `type`. */
export const rendezvousSchemas = { hello, error, ...serverSignals } as const;

export type Hello = v.InferOutput<typeof hello>;
export type GetManifest = v.InferOutput<typeof getManifest>;
export type GetChunk = v.InferOutput<typeof getChunk>;
type Cancel = v.InferOutput<typeof cancel>;
export type Serving = v.InferOutput<typeof serving>;
export type Peers = v.InferOutput<typeof peers>;
export type ManifestSlice = v.InferOutput<typeof manifest>;
export type Data = v.InferOutput<typeof data>;
export type End = v.InferOutput<typeof end>;
export type PeerErrorMessage = v.InferOutput<typeof error>;
export type Have = v.InferOutput<typeof have>;
export type Asked = v.InferOutput<typeof asked>;

export type ClientMessage = Hello | GetManifest | GetChunk | Cancel | Serving | RtcJoin | SentSignal;
export type ServerMessage = Hello | ManifestSlice | Data | End | PeerErrorMessage | Have | Asked | Peers;
export type RendezvousMessage = Hello | PeerErrorMessage | ServerSignal;
