import { fromHex } from "../manifest/hex.js";

/**
 * The digest in `sha-256=HEX`, 32 bytes.
 *
 * @throws TypeError that says what is wrong with it.
 */
export function parseChecksum(text: string): Uint8Array {
  const [, hex = ""] = /^sha-?256=(.*)$/i.exec(text) ?? [];
  const digest = fromHex(hex);
  if (digest?.length === 32) return digest;
  throw new TypeError(`checksum is ${JSON.stringify(text.slice(0, 120))}; it must be sha-256= and 64 hex digits`);
}
