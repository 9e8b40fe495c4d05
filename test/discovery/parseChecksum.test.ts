import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseChecksum } from "../../src/discovery/parseChecksum.js";
import { toHex } from "../../src/manifest/hex.js";
import { hashTypes, type HashType } from "../../src/manifest/HashType.js";

const hex = "0123456789abcdef".repeat(4);
const types = Object.keys(hashTypes) as readonly HashType[];

function digestIn(text: string): { readonly type: string; readonly hex: string } {
  const checksum = parseChecksum(text);
  if ("list" in checksum) throw new Error(`${text} is a list`);
  return { type: checksum.type, hex: toHex(checksum.bytes) };
}

describe("a checksum", () => {
  it.each([`sha-256=${hex}`, `sha256=${hex}`, `SHA-256=${hex.toUpperCase()}`])("A digest is read from %s", (text) => {
    expect(digestIn(text)).toEqual({ type: "sha-256", hex });
  });

  it.each(types)("A digest of %s is read in hex, and in base64 as SRI has it", (type) => {
    const digest = createHash(type.replace("-", "")).update("abc").digest();
    const read = { type, hex: digest.toString("hex") };
    expect(digestIn(`${type}=${read.hex}`)).toEqual(read);
    expect(digestIn(`${type.replace("-", "")}-${digest.toString("base64")}`)).toEqual(read);
    expect(digestIn(`${type.replace("-", "")}-${digest.toString("base64url")}?ct=text/plain`)).toEqual(read);
  });

  it("Of several digests in one SRI string the best is read", () => {
    const sri = (type: string) => `${type}-${createHash(type).update("abc").digest("base64")}`;
    expect(digestIn(`${sri("sha1")} ${sri("sha512")} ${sri("sha384")}`).type).toBe("sha-512");
  });

  it.each(["SHA256SUMS", "./sums=1/SHA256SUMS", "https://host/SHA256SUMS?a=b", "sha256sums.txt", "a b/SHA256SUMS"])(
    "What is no digest, as %s, is where a list is",
    (text) => {
      expect(parseChecksum(text)).toEqual({ list: text });
    },
  );

  it.each([
    ["", "it must be a digest"],
    [hex, "it must be a digest"],
    [`sha-256=${hex}0`, "SHA-256 has 64 hex digits"],
    [`sha-256=${hex.slice(2)}`, "SHA-256 has 64 hex digits"],
    [`sha-256=${"g".repeat(64)}`, "SHA-256 has 64 hex digits"],
    [`md5=${hex}`, "MD5 has 32 hex digits, or 16 bytes in base64"],
    [`crc32=00000000`, "it must be a digest"],
    [` sha-256=${hex}`, "it must be a digest"],
    ["sha256-abc", "SHA-256 has 64 hex digits, or 32 bytes in base64"],
    ["sha999-abcd", "it must be a digest"],
  ])("%j is refused as a checksum, and it says why", (text, why) => {
    expect(() => parseChecksum(text)).toThrow(TypeError);
    expect(() => parseChecksum(text)).toThrow(`checksum is ${JSON.stringify(text)}; ${why}`);
  });

  it("A wrong checksum of any length makes a short message", () => {
    expect(() => parseChecksum(`md5=${"a".repeat(9999)}`)).toThrow(/^checksum is "md5=a{116}"; /);
  });
});
