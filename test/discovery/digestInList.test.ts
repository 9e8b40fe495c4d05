import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestInList } from "../../src/discovery/digestInList.js";
import { toHex } from "../../src/manifest/hex.js";

const hexOf = (type: string, text: string): string => createHash(type).update(text).digest("hex");
const [a, b] = [hexOf("sha256", "a"), hexOf("sha256", "b")];
const find = (list: string, ...names: string[]) => {
  const { type, bytes } = digestInList(list, names, "SHA256SUMS");
  return { type, hex: toHex(bytes) };
};

describe("a list of digests", () => {
  it.each([
    ["GNU", `${b}  other.iso\n${a}  a.iso\n`],
    ["GNU in binary mode", `${b} *other.iso\n${a} *a.iso\n`],
    ["Windows", `${b} *other.iso\r\n${a.toUpperCase()} *a.iso\r\n`],
    ["BSD", `SHA256 (other.iso) = ${b}\nSHA256 (a.iso) = ${a}\n`],
    ["OpenSSL", `SHA2-256(other.iso)= ${b}\nSHA2-256(a.iso)= ${a}\n`],
    ["a folder", `${b}  ./a.iso.sig\n${a}  ./a.iso\n`],
    ["folders", `${b}  iso/other.iso\n${a}  iso/a.iso\n`],
    ["a signed list", `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# a.iso: 5 bytes\n${a}  a.iso\n`],
  ])("A list as of %s has the digest of a file by its name", (_, list) => {
    expect(find(list, "a.iso")).toEqual({ type: "sha-256", hex: a });
  });

  it("The function is known by its name or by the length of its digest", () => {
    expect(find(`${hexOf("md5", "a")}  a`, "a").type).toBe("md5");
    expect(find(`${hexOf("sha512", "a")}  a`, "a").type).toBe("sha-512");
    expect(find(`SHA1 (a) = ${hexOf("sha1", "a")}`, "a").type).toBe("sha-1");
  });

  it("Of several digests of one file the best is taken, and those of unknown functions are passed over", () => {
    const blake = `BLAKE2b (a) = ${hexOf("sha512", "x")}`;
    expect(find(`MD5 (a) = ${hexOf("md5", "a")}\n${blake}\nSHA256 (a) = ${a}`, "a")).toEqual({
      type: "sha-256",
      hex: a,
    });
  });

  it("The first of several names that the list has counts, and the same name before the same last part", () => {
    expect(find(`${a}  one\n${b}  two`, "none", "two", "one").hex).toBe(b);
    expect(find(`${b}  old/one\n${a}  one`, "one").hex).toBe(a);
  });

  it("A name with a line break is written with escapes, and found", () => {
    expect(find(`\\${a}  a\\\\b\\nc`, "a\\b\nc").hex).toBe(a);
  });

  it("A list without the name is FILE_NOT_FOUND, and it says what the list has", () => {
    const missing = (list: string) => () => digestInList(list, ["a.iso", "b.iso"], "SHA256SUMS");
    expect(missing(`${a}  c.iso`)).toThrow(
      expect.objectContaining({
        code: "FILE_NOT_FOUND",
        message: 'SHA256SUMS has no digest of "a.iso" nor "b.iso", it has "c.iso"',
      }) as Error,
    );
    expect(missing("<html>no</html>")).toThrow("it has no digests");
    const many = Array.from({ length: 12 }, (_, n) => `${a}  f${n}`).join("\n");
    expect(missing(many)).toThrow('"f9" and 2 more');
  });
});
