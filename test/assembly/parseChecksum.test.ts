import { describe, expect, it } from "vitest";
import { parseChecksum } from "../../src/assembly/parseChecksum.js";
import { toHex } from "../../src/manifest/hex.js";

describe("a checksum", () => {
  const hex = "0123456789abcdef".repeat(4);

  it.each([`sha-256=${hex}`, `sha256=${hex}`, `SHA-256=${hex.toUpperCase()}`])("is read from %s", (text) => {
    expect(toHex(parseChecksum(text))).toBe(hex);
  });

  it.each(["", hex, "sha-256=", `sha-256=${hex}0`, `sha-256=${hex.slice(2)}`, `sha-1=${hex}`, `md5=${hex}`])(
    "is not %j",
    (text) => {
      expect(() => parseChecksum(text)).toThrow(TypeError);
      expect(() => parseChecksum(text)).toThrow("it must be sha-256= and 64 hex digits");
    },
  );

  it("that is long is not repeated as a whole", () => {
    expect(() => parseChecksum("x".repeat(1000))).toThrow(
      `checksum is "${"x".repeat(120)}"; it must be sha-256= and 64 hex digits`,
    );
  });
});
