import type { Data } from "./messages.js";
import { maxDataBytes } from "./protocol.js";

const text = new TextEncoder();
const fixString = (word: string): readonly number[] => [0xa0 | word.length, ...text.encode(word)];
const start = [0x84, ...fixString("type"), ...fixString("data"), ...fixString("id")];
const offsetKey = fixString("offset");
const bytesKey = fixString("bytes");

/**
 * Reads a `data` message that is written as nearly all are: four members, in the order of `docs/protocol.md`, with integers of at most 32 bits.
 * Almost all that a download receives are such messages, so they are compared with what they should be, byte by byte; a message that is written in
 * another way, or is wrong, is `undefined` here, and for the codec to read or to refuse. The payload is a view of the frame.
 */
export function readDataFrame(frame: Uint8Array): Data | undefined {
  const idAt = start.length;
  const offsetKeyAt = idAt + sizeOfInteger(frame[idAt]);
  const offsetAt = offsetKeyAt + offsetKey.length;
  const bytesKeyAt = offsetAt + sizeOfInteger(frame[offsetAt]);
  const lengthAt = bytesKeyAt + bytesKey.length;
  const payloadAt = lengthAt + sizeOfBinHead(frame[lengthAt]);
  const isWritten =
    hasAt(frame, 0, start) && hasAt(frame, offsetKeyAt, offsetKey) && hasAt(frame, bytesKeyAt, bytesKey);
  if (!isWritten || payloadAt >= frame.length) return undefined;
  const length = bigEndian(frame, lengthAt + 1, payloadAt);
  if (length > maxDataBytes || payloadAt + length !== frame.length) return undefined;
  return {
    type: "data",
    id: integerAt(frame, idAt, offsetKeyAt),
    offset: integerAt(frame, offsetAt, bytesKeyAt),
    bytes: frame.subarray(payloadAt),
  };
}

/** Bytes of an unsigned integer of up to 32 bits that begins so; NaN, which no place in the frame has, for anything else. */
function sizeOfInteger(first = 0xff): number {
  return first < 0x80 ? 1 : first === 0xcc ? 2 : first === 0xcd ? 3 : first === 0xce ? 5 : NaN;
}

/** Bytes before the payload of a binary member that begins so; NaN for anything else. */
function sizeOfBinHead(first = 0xff): number {
  return first === 0xc4 ? 2 : first === 0xc5 ? 3 : first === 0xc6 ? 5 : NaN;
}

function hasAt(frame: Uint8Array, at: number, wanted: readonly number[]): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (frame[at + index] !== wanted[index]) return false;
  return true;
}

function integerAt(frame: Uint8Array, at: number, end: number): number {
  return end - at === 1 ? (frame[at] ?? 0) : bigEndian(frame, at + 1, end);
}

function bigEndian(frame: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at += 1) value = value * 256 + (frame[at] ?? 0);
  return value;
}
