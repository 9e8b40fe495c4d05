import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { plainFile } from "../../src/manifest/plainFile.js";

describe("the root of a file without digests", () => {
  const rootOf = (size: number) => plainFile({ name: "f", size }, sha256).root;

  it("says how long it is, and nothing else", () => {
    expect(rootOf(5)).toMatch(/^[0-9a-f]{64}$/);
    expect(plainFile({ name: "g", size: 5, sha256: new Uint8Array(32) }, sha256).root).toBe(rootOf(5));
    expect(new Set([rootOf(0), rootOf(5), rootOf(2 ** 32 + 5), rootOf(2 ** 40)]).size).toBe(4);
  });

  it("goes with a chunk size as in a manifest, and no digests", () => {
    expect(plainFile({ name: "f", size: 2 ** 40 }, sha256)).toMatchObject({ chunkSize: 2 ** 25, size: 2 ** 40 });
    expect(plainFile({ name: "f", size: 1 }, sha256)).not.toHaveProperty("digests");
  });
});
