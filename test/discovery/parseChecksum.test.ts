import { describe, expect, it } from "vitest";
import { parseChecksum } from "../../src/discovery/parseChecksum.js";

const hex = "0123456789abcdef".repeat(4);

describe("a checksum", () => {
  it.each([`sha-256=${hex}`, `sha256=${hex}`, `SHA-256=${hex.toUpperCase()}`])("A checksum is read from %s", (text) => {
    expect(Buffer.from(parseChecksum(text)).toString("hex")).toBe(hex);
  });

  it.each([
    "",
    hex,
    `sha-256=${hex}0`,
    `sha-256=${hex.slice(2)}`,
    `sha-256=${"g".repeat(64)}`,
    `md5=${hex}`,
    ` sha-256=${hex}`,
  ])("The checksum %j is none, and the error says why", (text) => {
    expect(() => parseChecksum(text)).toThrow(
      new TypeError(`checksum is ${JSON.stringify(text)}; it must be sha-256= and 64 hex digits`),
    );
  });

  it("A checksum of any length makes a short message", () => {
    expect(() => parseChecksum("x".repeat(9999))).toThrow(/^checksum is "x{120}"; /);
  });
});
