import { createHash } from "node:crypto";
import { lastValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { hashes } from "../../../src/adapters/browser/hashes.js";
import { presentFile } from "../../../src/assembly/browser/presentFile.js";
import type { WantedDigests } from "../../../src/assembly/sameFile.js";
import { someBytes } from "../../download/swarm.js";

const size = 10 * 1024 * 1024 + 5;
const bytes = someBytes(size);
const file = new File([new Uint8Array(bytes)], "film");
const digestOf = (type: string, from = 0, to = size): Buffer =>
  createHash(type).update(bytes.subarray(from, to)).digest();
const digestsOf = (type: string, chunkSize: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(size / chunkSize) }, (_, n) => digestOf(type, n * chunkSize, (n + 1) * chunkSize)),
  );

const small = 4 * 1024 * 1024;
// Of a chunk that a platform does not digest at once more is told than its end.
const large = 9 * 1024 * 1024;

it.each<readonly [string, Omit<WantedDigests, "onHashed">, object]>([
  ["the whole", { whole: "sha-256" }, { whole: digestOf("sha256") }],
  ["its chunks", { chunks: { chunkSize: small, type: "sha-256" } }, { chunks: digestsOf("sha256", small) }],
  [
    "both",
    { whole: "sha-256", chunks: { chunkSize: small, type: "sha-256" } },
    { whole: digestOf("sha256"), chunks: digestsOf("sha256", small) },
  ],
  [
    "both, of other functions and large chunks",
    { whole: "sha-512", chunks: { chunkSize: large, type: "sha-1" } },
    { whole: digestOf("sha512"), chunks: digestsOf("sha1", large) },
  ],
])("A file of a page that is hashed for %s tells of its bytes once, to the end", async (_, wanted, expected) => {
  const told: number[] = [];
  const found = await lastValueFrom(
    presentFile(file, hashes).digests({ ...wanted, onHashed: (hashed) => told.push(hashed) }),
  );
  const plain = { whole: found.whole?.bytes, chunks: found.chunks?.digests };
  const made = Object.entries(plain).flatMap(([name, each]) => (each === undefined ? [] : [[name, Buffer.from(each)]]));
  expect(Object.fromEntries(made)).toEqual(expected);
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(size);
});
