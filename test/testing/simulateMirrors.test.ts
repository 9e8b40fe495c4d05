import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuestionFate } from "../../src/testing/SimulatedMirror.js";
import { type MirrorsScript, simulateMirrors } from "./simulateMirrors.js";
import type { DiscoveryPeer } from "../../src/testing/stageQuestions.js";
import { syntheticFile } from "../../src/testing/syntheticFile.js";

const simulatedSize = 1_000_000;
const file = syntheticFile(simulatedSize, 256 * 1024);
const kinds = ["right", "stale", "short"] as const;
type Kind = (typeof kinds)[number];

const anyFate = fc.constantFrom<QuestionFate>(
  ...([
    "answers",
    "answers",
    "answers",
    "silent",
    "TIMEOUT",
    "CONNECTION_RESET",
    "PEER_BUSY",
    "FILE_NOT_FOUND",
  ] as const),
);
const anyMirror = (id: string): fc.Arbitrary<DiscoveryPeer & { readonly kind: Kind }> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      fates: fc.array(anyFate, { minLength: 1, maxLength: 6 }),
      latencyMs: fc.constantFrom(1, 20, 100, 700, 3000),
      ranges: fc.constantFrom(true, true, true, false),
    })
    .map(({ kind, ...more }) => ({ id, kind, ...more, isStale: kind === "stale", isShort: kind === "short" }));
const anyMirrors = fc
  .integer({ min: 1, max: 7 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => anyMirror(`http://m${n}/file.bin`))));

/** Which of the files these bytes are, from the first to the last. */
function kindOf(bytes: Uint8Array): Kind | "a mixture" {
  const isKind = (kind: Kind): boolean => {
    const size = simulatedSize - Number(kind === "short");
    const wanted = kind === "stale" ? file.flipped(0, size) : file.bytes(0, size);
    return Buffer.compare(bytes, wanted) === 0;
  };
  return kinds.find(isKind) ?? "a mixture";
}

const kindFrom = (script: MirrorsScript): Kind | "a mixture" | undefined => {
  const { bytes } = simulateMirrors(script);
  return bytes && kindOf(bytes);
};

/** The file that most have of those that start in the middle; of as many, that of the first. */
function decided(mirrors: readonly { readonly kind: Kind; readonly ranges?: boolean }[]): Kind | undefined {
  const ranged = mirrors.filter(({ ranges }) => ranges !== false);
  const sizeOf = (kind: Kind): number => Number(kind === "short");
  const size = most((ranged.length > 0 ? ranged : mirrors).map(({ kind }) => sizeOf(kind)));
  const voters = (ranged.length > 0 ? ranged : mirrors).filter(({ kind }) => sizeOf(kind) === size);
  return ranged.length > 0 ? most(voters.map(({ kind }) => kind)) : voters[0]?.kind;
}

function most<T>(all: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const each of all) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

describe("A file of which nobody knows a digest", () => {
  it("A file that is finished has the bytes of one file only, whatever became of its mirrors", () => {
    fc.assert(
      fc.property(fc.nat(), anyMirrors, (seed, peers) => {
        const kind = kindFrom({ seed, peers });
        if (kind !== undefined) expect(kinds).toContain(kind);
      }),
    );
  });

  it("A file is that of the majority of its mirrors, or of the first of as many, in whatever order they answer", () => {
    fc.assert(
      fc.property(fc.nat(), anyMirrors, fc.infiniteStream(fc.constantFrom(1, 5, 20, 100)), (seed, drawn, latencies) => {
        const peers = drawn.slice(0, 4).map((mirror) => ({
          ...mirror,
          fates: ["answers"] as const,
          latencyMs: latencies.next().value as number,
        }));
        expect(kindFrom({ seed, peers })).toBe(decided(peers));
      }),
    );
  });

  it("A file is that of the majority of six mirrors that have two files, whichever four are asked first", () => {
    const two = fc.tuple(fc.constant<Kind>("right"), fc.constantFrom<Kind>("stale", "short"));
    const six = two.chain((files) => fc.array(fc.constantFrom(...files), { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(fc.nat(), six, fc.infiniteStream(fc.constantFrom(1, 5, 20, 100)), (seed, drawn, latencies) => {
        const expected = most(drawn);
        fc.pre(2 * drawn.filter((kind) => kind === expected).length > drawn.length);
        const peers = drawn.map((kind, n) => ({
          id: `http://m${n}/file.bin`,
          fates: ["answers"] as const,
          latencyMs: latencies.next().value as number,
          isStale: kind === "stale",
          isShort: kind === "short",
        }));
        expect(kindFrom({ seed, peers })).toBe(expected);
      }),
    );
  });

  it("A mirror that never answers, is busy or fails in passing keeps no file back", () => {
    const good = { id: "http://good/file.bin", fates: ["answers"] } as const;
    for (const fate of ["PEER_BUSY", "CONNECTION_RESET", "FILE_NOT_FOUND"] as const) {
      const bad = { id: "http://bad/file.bin", fates: [fate] } as const;
      for (const peers of [
        [bad, good],
        [good, bad],
      ]) {
        const { bytes, makespanMs } = simulateMirrors({ seed: 1, peers });
        expect(bytes && kindOf(bytes)).toBe("right");
        expect(makespanMs).toBeLessThan(400);
      }
    }
    const silent = { id: "http://silent/file.bin", fates: ["silent"] } as const;
    expect(simulateMirrors({ seed: 1, peers: [silent, good] }).makespanMs).toBeLessThan(2000);
  });

  it("The same script gives the same download", () => {
    fc.assert(
      fc.property(fc.nat(), anyMirrors, (seed, peers) => {
        const [one, other] = [simulateMirrors({ seed, peers }), simulateMirrors({ seed, peers })];
        expect([one.asked, one.events]).toEqual([other.asked, other.events]);
      }),
      { numRuns: 20 },
    );
  });
});
