import { createHash } from "node:crypto";

/** A file's bytes, by their place. */
export interface Content {
  readonly size: number;
  read(position: number, length: number): Buffer;
}

/** The bytes of a buffer. */
export function contentOf(bytes: Buffer): Content {
  return { size: bytes.length, read: (position, length) => bytes.subarray(position, position + length) };
}

const block = 4096;

/** Bytes that are made when they are asked for, so that a file of any size needs no memory; no two seeds, no two blocks are alike. */
export function syntheticContent(size: number, seed = 1): Content {
  const base = Buffer.concat(Array.from({ length: block / 32 }, (_, part) => sha256(`${seed}/${part}`)));
  const read = (position: number, length: number): Buffer => {
    const end = Math.min(size, position + length);
    const first = Math.floor(position / block);
    const bytes = Buffer.alloc(Math.max(0, Math.ceil(end / block) - first) * block);
    for (let at = 0; at < bytes.length; at += block) {
      base.copy(bytes, at);
      bytes.writeDoubleBE(first + at / block, at);
    }
    return bytes.subarray(position - first * block, end - first * block);
  };
  return { size, read };
}

/** The same bytes, of which one is wrong in every `every` bytes. */
export function corrupted(content: Content, every: number): Content {
  const read = (position: number, length: number): Buffer => {
    const bytes = Buffer.from(content.read(position, length));
    for (let at = Math.ceil(position / every) * every; at < position + bytes.length; at += every) {
      bytes.writeUInt8(bytes.readUInt8(at - position) ^ 0xff, at - position);
    }
    return bytes;
  };
  return { ...content, read };
}

/** SHA-256 of the whole, in hexadecimal. */
export function digestOf(content: Content): string {
  return createHash("sha256").update(content.read(0, content.size)).digest("hex");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
