import { describe, expect, it } from "vitest";
import { sameBytes } from "../../src/transfer/verifyChunk.js";

describe("Bytes that are compared", () => {
  it("Bytes are the same only when each of them is, whatever their length and place in memory", () => {
    for (const length of [0, 1, 3, 4, 7, 32, 33]) {
      const ours = Uint8Array.from({ length: length + 3 }, (_, at) => at * 37).subarray(3);
      const theirs = new Uint8Array(length + 1).subarray(1);
      theirs.set(ours);
      expect(sameBytes(ours, theirs)).toBe(true);
      expect(sameBytes(ours, new Uint8Array(length + 4))).toBe(false);
      for (let at = 0; at < length; at++) {
        const wrong = theirs.map((byte, place) => (place === at ? byte ^ 0x80 : byte));
        expect(sameBytes(ours, wrong)).toBe(false);
      }
    }
  });
});
