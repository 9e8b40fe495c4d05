import { createHash } from "node:crypto";
import { firstValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Sha256 } from "../../src/manifest/Hasher.js";
import { toHex } from "../../src/manifest/hex.js";

/** Every Sha256 does this. */
export function sha256Contract(name: string, sha256: Sha256): void {
  const hex = (...pieces: readonly string[]) => {
    const hasher = sha256();
    for (const piece of pieces) hasher.update(Buffer.from(piece));
    return toHex(hasher.digest());
  };

  describe(`${name} as a Sha256`, () => {
    it("A hasher gives the published digests", () => {
      expect(hex()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
      expect(hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      expect(hex("abcdbcdecdefdefgefghfghighij", "hijkijkljklmklmnlmnomnopnopq")).toBe(
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      );
    });

    it("A hasher goes on after its state was copied, and so does the copy", () => {
      const whole = sha256();
      whole.update(Buffer.from("ab"));
      const prefix = whole.copy();
      const other = whole.copy();
      whole.update(Buffer.from("c"));
      other.update(Buffer.from("d"));
      expect([prefix, whole, other].map((hasher) => toHex(hasher.digest()))).toEqual(
        ["ab", "abc", "abd"].map((text) => hex(text)),
      );
    });

    it("A hasher takes views, and forgets them", () => {
      const buffer = Buffer.from("xxabcxx");
      const hasher = sha256();
      hasher.update(buffer.subarray(2, 5));
      buffer.fill(0);
      expect(toHex(hasher.digest())).toBe(hex("abc"));
    });

    it("A hasher gives 32 plain bytes", () => {
      const digest = sha256().digest();
      expect(digest.constructor).toBe(Uint8Array);
      expect(digest).toHaveLength(32);
    });

    it("A hasher that digests wholes gives what a running one gives, of the bytes as they were", async () => {
      if (sha256.whole === undefined) return;
      const bytes = Buffer.from("abc");
      const told = firstValueFrom(sha256.whole(bytes));
      bytes.fill(0);
      expect(toHex(await told)).toBe(hex("abc"));
    });

    it("A hasher hashes a million bytes in pieces as OpenSSL does in one", () => {
      const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) % 253);
      const hasher = sha256();
      for (let at = 0; at < bytes.length; at += 65_537) hasher.update(bytes.subarray(at, at + 65_537));
      expect(toHex(hasher.digest())).toBe(createHash("sha256").update(bytes).digest("hex"));
    });
  });
}
