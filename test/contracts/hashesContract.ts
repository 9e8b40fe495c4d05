import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Hashes } from "../../src/manifest/Hasher.js";
import { toHex } from "../../src/manifest/hex.js";
import { hashTypes, type HashType } from "../../src/manifest/HashType.js";

/** Every Hashes does this. */
export function hashesContract(name: string, hashes: Hashes): void {
  describe(`${name} as Hashes`, () => {
    it.each(Object.keys(hashTypes) as HashType[])(
      "A hasher of %s gives what OpenSSL gives, and can be copied",
      (type) => {
        const hasher = hashes(type)?.();
        hasher?.update(Buffer.from("ab"));
        const other = hasher?.copy();
        hasher?.update(Buffer.from("c"));
        other?.update(Buffer.from("d"));
        const right = (text: string) => createHash(type.replace("-", "")).update(text).digest("hex");
        const digests = [hasher, other].map((each) => each?.digest() ?? new Uint8Array());
        expect(digests.map((digest) => digest.length)).toEqual([hashTypes[type].bytes, hashTypes[type].bytes]);
        expect(digests.map(toHex)).toEqual([right("abc"), right("abd")]);
      },
    );
  });
}
