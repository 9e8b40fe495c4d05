import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { hashes } from "../../src/adapters/node/hashes.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { describeEvent } from "../../src/download/describeEvent.js";
import type { Digest } from "../../src/manifest/Digest.js";
import type { HashType } from "../../src/manifest/HashType.js";
import { hashTypes } from "../../src/manifest/HashType.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import { piecesRoot } from "../../src/manifest/root.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { plainOf, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const others = (Object.keys(hashTypes) as readonly HashType[]).filter((type) => type !== "sha-256");
const digest = (type: HashType, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(type.replace("-", "")).update(bytes).digest());
const whole = (type: HashType): Digest => ({ type, bytes: digest(type, file) });

/** The file with pieces of 1000 bytes. */
function piecesOf(digestType: HashType, more: Pick<FileFacts, "whole"> = {}): FileFacts {
  const pieces = Array.from({ length: 10 }, (_, n) => digest(digestType, file.subarray(n * 1000, n * 1000 + 1000)));
  const facts = { size: file.length, chunkSize: 1000, digests: new Uint8Array(Buffer.concat(pieces)), digestType };
  return { root: piecesRoot(facts, sha256), name: "file.bin", ...facts, ...more };
}

const lastWords = ({ events }: ReturnType<typeof play>): string | undefined => {
  const last = events.at(-1);
  return last && describeEvent(last);
};

describe("a file with digests of another function than SHA-256", () => {
  it.each(others)("By pieces of %s a wrong chunk is found and fetched from another peer", (type) => {
    const bad = scriptedPeer("A", file, { corruptAt: 4321 });
    const told = play(() => [bad, scriptedPeer("B", file)], { manifest: piecesOf(type), hashes });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(told.of("peer-quarantined").map(({ peer }) => peer)).toEqual(["A"]);
  });

  it.each(others)("A whole that is not what its %s says is CHECKSUM_MISMATCH", (type) => {
    const manifest = plainOf(file, 1000, { whole: whole(type) });
    const told = play(() => [scriptedPeer("A", file, { corruptAt: 4321 })], { manifest, hashes });
    expect(told.error).toMatchObject({ code: "CHECKSUM_MISMATCH" });
    const name = type === "md5" ? "MD5" : type.toUpperCase();
    expect(String(told.error)).toContain(`file.bin has ${name} `);
  });

  const spoken = [
    [piecesOf("sha-1"), "weak", /^Done: .* fetched in .*, checked by SHA-1 pieces, which can be forged$/],
    [plainOf(file, 1000, { whole: whole("md5") }), "weak", /fetched in .*, checked by the MD5 of the whole, which can/],
    [
      piecesOf("sha-1", { whole: whole("sha-256") }),
      "file",
      /^Done: .* verified in .*, by the SHA-256 of the whole, and checked by SHA-1 pieces$/,
    ],
    [piecesOf("sha-512"), "chunks", /^Done: .* verified in .*, by SHA-512 pieces$/],
  ] as const;
  it.each(spoken)("A file is called verified only by what proves it, and the functions are told: %#", (...row) => {
    const [manifest, integrity, words] = row;
    const told = play(() => [scriptedPeer("A", file)], { manifest, hashes });
    expect(told.of("download-started")[0]?.manifest.integrity).toBe(integrity);
    expect(told.of("download-completed")[0]?.account.integrity).toBe(integrity);
    expect(told.of("chunk-verified")).toHaveLength(integrity === "chunks" ? 10 : 0);
    expect(told.of("chunk-stored")).toHaveLength(integrity === "chunks" ? 0 : 10);
    expect(lastWords(told)).toMatch(words);
  });

  it("Digests of a function that the platform lacks make the download fail, with its name", () => {
    const told = play(() => [scriptedPeer("A", file)], { manifest: piecesOf("md5") });
    expect(told.error).toMatchObject({
      code: "INVALID_MANIFEST",
      message: "digests of type md5 were given, and there is no MD5 here",
    });
  });
});
