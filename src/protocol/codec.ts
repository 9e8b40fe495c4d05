import {
  clientSchemas,
  rendezvousSchemas,
  serverSchemas,
  type ClientMessage,
  type RendezvousMessage,
  type ServerMessage,
} from "./messages.js";
import { pack, readMessage } from "./messagePack.js";
import { readDataFrame } from "./readDataFrame.js";

const fourEntries = 0x84;
const bin32 = 0xc6;
const bytesKey = new Uint8Array(pack("bytes"));

export interface DataHead {
  readonly id: number;
  /** From the start of the chunk. */
  readonly offset: number;
  /** Payload bytes. */
  readonly length: number;
}

/** One message as the bytes of one WebSocket message. Payloads are copied, so the caller's buffer is free again. */
export function encodeMessage(message: ClientMessage | ServerMessage | RendezvousMessage): Uint8Array {
  return pack(message);
}

/**
 * The bytes of a `data` message up to its payload of `length` bytes, which follows them unchanged. Sending the two one
 * after the other saves the seeder a copy of everything that it sends.
 */
export function encodeDataHead({ id, offset, length }: DataHead): Uint8Array {
  const fields = pack({ type: "data", id, offset });
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
  return readMessage(frame, clientSchemas);
}

/**
 * Reads what a server said. Binary members are views of the frame, so their `.buffer` holds more than them.
 *
 * @throws DownloadError `PROTOCOL_ERROR` when it is not MessagePack or not a message that servers send.
 */
export function decodeServerMessage(frame: Uint8Array): ServerMessage {
  return readDataFrame(frame) ?? readMessage(frame, serverSchemas);
}

/**
 * Reads what a server said on a connection on which clients find each other.
 *
 * @throws DownloadError `PROTOCOL_ERROR` when it is not MessagePack or not a message that servers send there.
 */
export function decodeRendezvousMessage(frame: Uint8Array): RendezvousMessage {
  return readMessage(frame, rendezvousSchemas);
}
