// Not from "msgpackr" itself, which has strings of strangers read by native code where that is installed.
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";
import * as v from "valibot";
import { DownloadError } from "../errors/DownloadError.js";
import { clientSchemas, serverSchemas, type ClientMessage, type ServerMessage } from "./messages.js";
import { readDataFrame } from "./readDataFrame.js";
import { refuseExtensions } from "./refuseExtensions.js";

// Records would need `new Function`, which a strict content security policy forbids, and other languages do not know them.
const packr = new Packr({ useRecords: false, variableMapSize: true });
// A number of any width is read as a number; the schemas refuse the unsafe ones.
const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });

const fourEntries = 0x84;
const bin32 = 0xc6;
const bytesKey = new Uint8Array(packr.pack("bytes"));

export interface DataHead {
  readonly id: number;
  /** From the start of the chunk. */
  readonly offset: number;
  /** Payload bytes. */
  readonly length: number;
}

/** One message as the bytes of one WebSocket message. Payloads are copied, so the caller's buffer is free again. */
export function encodeMessage(message: ClientMessage | ServerMessage): Uint8Array {
  return packr.pack(message);
}

/**
 * The bytes of a `data` message up to its payload of `length` bytes, which follows them unchanged. Sending the two one
 * after the other saves the seeder a copy of everything that it sends.
 */
export function encodeDataHead({ id, offset, length }: DataHead): Uint8Array {
  const fields = packr.pack({ type: "data", id, offset });
  const head = new Uint8Array(fields.length + bytesKey.length + 5);
  head.set(fields);
  head[0] = fourEntries;
  head.set(bytesKey, fields.length);
  head[head.length - 5] = bin32;
  new DataView(head.buffer).setUint32(head.length - 4, length);
  return head;
}

/**
 * Reads what a client said. Binary members are views of the frame.
 *
 * @throws DownloadError `PROTOCOL_ERROR` when it is not MessagePack or not a message that clients send.
 */
export function decodeClientMessage(frame: Uint8Array): ClientMessage {
  return decode(frame, clientSchemas);
}

/**
 * Reads what a server said. Binary members are views of the frame, so their `.buffer` holds more than them.
 *
 * @throws DownloadError `PROTOCOL_ERROR` when it is not MessagePack or not a message that servers send.
 */
export function decodeServerMessage(frame: Uint8Array): ServerMessage {
  return readDataFrame(frame) ?? decode(frame, serverSchemas);
}

type Schemas = Readonly<Record<string, v.GenericSchema>>;

// The schema is looked up by `type` instead of tried one by one: this runs thousands of times a second.
function decode<S extends Schemas>(frame: Uint8Array, schemas: S): v.InferOutput<S[keyof S]> {
  refuseExtensions(frame);
  const value = unpack(frame);
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  const schema = typeof type === "string" && Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema === undefined) {
    throw malformed(`its type is ${quote(type)}, expected one of ${Object.keys(schemas).join(", ")}`);
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw malformed(`"${String(type)}" has a wrong ${v.getDotPath(issue) ?? "shape"}: ${issue.message.slice(0, 200)}`);
}

function unpack(frame: Uint8Array): unknown {
  try {
    return unpackr.unpack(frame);
  } catch (cause) {
    throw malformed(`its ${frame.length} bytes are not MessagePack`, cause);
  }
}

function quote(type: unknown): string {
  return typeof type === "string" ? JSON.stringify(type.slice(0, 64)) : typeof type;
}

function malformed(reason: string, cause?: unknown): DownloadError {
  return new DownloadError("PROTOCOL_ERROR", `not a message: ${reason}`, { cause });
}
