import { type Digest, digestFromBase64, digestFromHex } from "../manifest/Digest.js";
import { bestOf, hashName, type HashType, hashTypeOf, hashTypes } from "../manifest/HashType.js";

/** A checksum as a user gives it: a digest, or the path or address of a list of digests. */
export type Checksum = Digest | { readonly list: string };

const kinds =
  "a digest such as sha-256= and 64 hex digits, an SRI string such as sha256-BASE64, or the path or address of a list such as SHA256SUMS";

/**
 * The digest in `sha-256=HEX`, of any function that is known, or in an SRI string (`sha256-BASE64`, W3C Subresource Integrity), of several in one the best; or
 * else where a list is, which was not looked at.
 *
 * @throws TypeError that says what is wrong with it.
 */
export function parseChecksum(text: string): Checksum {
  const { 1: name = "", 2: hex = "" } = /^([\w-]+)=([0-9a-z]*)$/i.exec(text) ?? [];
  if (name !== "") return digestFromHex(typeIn(name, text), hex) ?? refuse(text, typeIn(name, text));
  const words = text.split(/\s+/);
  if (words.every((word) => sri.test(word))) {
    const digests = words.map((word) => sriDigest(word, text));
    return bestOf(digests) ?? refuse(text);
  }
  if (text.trim() !== text || text === "" || /^[0-9a-f]{32,}$/i.test(text)) return refuse(text);
  return { list: text };
}

/** Options of an SRI string, behind a question mark, have no meaning yet. */
const sri = /^(md5|sha-?\d+)-([\w+/-]+={0,2})(?:\?.*)?$/i;

function sriDigest(word: string, text: string): Digest {
  const { 1: name = "", 2: base64 = "" } = sri.exec(word) ?? [];
  return digestFromBase64(typeIn(name, text), base64) ?? refuse(text, typeIn(name, text));
}

function typeIn(name: string, text: string): HashType {
  return hashTypeOf(name) ?? refuse(text);
}

function refuse(text: string, type?: HashType): never {
  const shown = JSON.stringify(text.slice(0, 120));
  if (type === undefined) throw new TypeError(`checksum is ${shown}; it must be ${kinds}`);
  const { bytes } = hashTypes[type];
  throw new TypeError(
    `checksum is ${shown}; ${hashName(type)} has ${2 * bytes} hex digits, or ${bytes} bytes in base64`,
  );
}
