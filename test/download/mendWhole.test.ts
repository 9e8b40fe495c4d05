import { type SchedulerLike, switchMap, throwError, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { type PeerScript, scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { initialState } from "../../src/download/DownloadState.js";
import { reduce } from "../../src/download/reduce.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import { toHex } from "../../src/manifest/hex.js";
import type { Peer } from "../../src/peers/Peer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { digestOfAll, manifestOf, plainOf, play, someBytes, type Told } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(10_000);
const sha256 = digestOfAll(file);
const whole = { type: "sha-256", bytes: sha256 } as const;
const other = digestOfAll(someBytes(9999));

describe.each<[string, FileFacts]>([
  ["no digests of its chunks", plainOf(file, 1000)],
  ["digests of its chunks", await manifestOf(file, 1000)],
])("a file with a digest of the whole and %s", (_name, facts) => {
  it("A file with a digest of the whole is checked once, when all of it is here", () => {
    const told = play(() => [scriptedPeer("A", file)], { manifest: { ...facts, whole } });
    expect(told.completed).toBe(true);
    expect(told.of("notice")).toEqual([]);
    expect(told.of("checking").map(({ hash }) => hash)).toEqual(["sha-256"]);
    expect(told.events.reduce(reduce, initialState).phase).toBe("completed");
    const types = told.events.map(({ type }) => type);
    const last = Math.max(types.lastIndexOf("chunk-stored"), types.lastIndexOf("chunk-verified"));
    expect(types.indexOf("checking")).toBeGreaterThan(last);
  });

  it("How much of the whole is hashed is told while it is, four times a second at most", () => {
    const long = someBytes(10 * 1024 * 1024);
    const scheduler = new VirtualTimeScheduler();
    const sink = memorySink();
    const slow: typeof sink = {
      ...sink,
      read: (offset, length) => timer(200, scheduler).pipe(switchMap(() => sink.read(offset, length))),
    };
    const manifest = plainOf(long, 1024 * 1024, { whole: { type: "sha-256", bytes: digestOfAll(long) } });
    const told = play(() => [scriptedPeer("A", long)], { manifest, sink: slow, scheduler });
    expect(told.completed).toBe(true);
    const MiB = 1024 * 1024;
    expect(told.of("hashing").map(({ hashed, size }) => [hashed / MiB, size / MiB])).toEqual(
      [2, 4, 6, 8, 10].map((hashed) => [hashed, 10]),
    );
  });

  it("A file whose digest of the whole is another one is CHECKSUM_MISMATCH, gets no name, and nothing of it is claimed", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const told = play(() => [scriptedPeer("A", file)], {
      manifest: { ...facts, whole: { type: "sha-256", bytes: other } },
      sink,
      progress,
    });
    expect(told.error).toMatchObject({ code: "CHECKSUM_MISMATCH" });
    const message = `file.bin has SHA-256 ${toHex(sha256)}, expected ${toHex(other)}; `;
    expect(told.error).toMatchObject({
      message: expect.stringMatching(`^${message}.*nothing of it counts$`) as string,
    });
    expect(told.of("download-failed")).toMatchObject([{ account: { done: 0, verified: 0 }, resumable: true }]);
    expect(sink.finished()).toBe(false);
    expect(progress.saved()?.complete.every((byte) => byte === 0)).toBe(true);
    expect(progress.saved()?.frontiers).toEqual({});
  });
});

describe("a mismatch of the whole", () => {
  it("A mismatch of the whole is over when the next run has fetched it all", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const manifest = plainOf(file, 1000, { whole });
    const wrong = scriptedPeer("A", file, { corruptAt: 4321 });
    expect(play(() => [wrong], { manifest, sink, progress }).error).toMatchObject({ code: "CHECKSUM_MISMATCH" });
    const right = turns("A", file, [{}]);
    const told = play(() => [right], { manifest, sink, progress });
    expect(told.completed).toBe(true);
    expect(right.asked).toHaveLength(10);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });
});

/** Mirrors that are equally fast, and each serve a chunk at a time. */
const mirrors =
  (scripts: Readonly<Record<string, PeerScript>>) =>
  (scheduler: SchedulerLike): readonly Peer[] =>
    Object.entries(scripts).map(([id, script]) =>
      scriptedPeer(id, file, { roundTripMs: 10, bytesPerSecond: 10_000, ...script, scheduler }),
    );
const oneEach = { retry: { maxChunksPerPeer: 1 } };
const quarantined = (told: Told) => told.of("peer-quarantined").map(({ peer }) => peer);

describe("a liar, where only the whole has a digest", () => {
  const manifest = plainOf(file, 1000, { whole });

  it.each([0, 4321, 9999])(
    "Of two mirrors the one that is wrong at a single place, %d, is found out in the same run, for at most the file's size once more",
    (corruptAt) => {
      for (const liar of ["A", "B"]) {
        const scripts = { A: {}, B: {}, [liar]: { corruptAt } };
        const told = play(mirrors(scripts), { manifest, config: oneEach });
        expect(told.completed).toBe(true);
        expect(sameBytes(told.bytes, file)).toBe(true);
        const { received } = told.of("download-completed")[0]?.account ?? { received: NaN };
        expect(received).toBeLessThanOrEqual(2 * file.length + 1000);
        // Who did not bring the place at first has done nothing that was asked for.
        const lied = told.of("notice").some(({ message }) => message.includes("others are asked"));
        expect(quarantined(told)).toEqual(lied ? [liar] : []);
      }
    },
  );

  it("A mirror that is wrong in every chunk is found out like one that is wrong in one", () => {
    const wrong = file.map((byte) => byte ^ 1);
    const liar = (scheduler: SchedulerLike) =>
      scriptedPeer("B", wrong, { roundTripMs: 10, bytesPerSecond: 10_000, scheduler });
    const again = play((scheduler) => [...mirrors({ A: {} })(scheduler), liar(scheduler)], {
      manifest,
      config: oneEach,
    });
    expect(again.completed).toBe(true);
    expect(quarantined(again)).toEqual(["B"]);
  });

  it("Of three mirrors the odd one out is found, and the others are not blamed", () => {
    for (const liar of ["A", "B", "C"]) {
      for (const corruptAt of [500, 4321, 9500]) {
        const told = play(mirrors({ A: {}, B: {}, C: {}, [liar]: { corruptAt } }), { manifest, config: oneEach });
        expect(told.completed).toBe(true);
        expect(sameBytes(told.bytes, file)).toBe(true);
        expect([[], [liar]]).toContainEqual(quarantined(told));
      }
    }
  });

  it("Two liars of three who are wrong in other places are both found, since two agree on every chunk", () => {
    const told = play(mirrors({ A: { corruptAt: 500 }, B: {}, C: { corruptAt: 8500 } }), { manifest, config: oneEach });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(quarantined(told)).not.toContain("B");
  });

  it("Mirrors that agree in every chunk are not blamed when the digest is another one: it may be of another file", () => {
    const told = play(mirrors({ A: {}, B: {} }), {
      manifest: { ...manifest, whole: { type: "sha-256", bytes: other } },
      config: oneEach,
    });
    expect(told.error).toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: expect.stringContaining("agree in every chunk") as string,
    });
    expect(quarantined(told)).toEqual([]);
    expect(told.of("download-failed")[0]?.account.received).toBeLessThanOrEqual(2 * file.length);
  });

  it("Two mirrors that are both wrong end with CHECKSUM_MISMATCH, which says that they differ", () => {
    const told = play(mirrors({ A: { corruptAt: 500 }, B: { corruptAt: 8500 } }), { manifest, config: oneEach });
    expect(told.error).toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: expect.stringMatching(/differ in 2 chunks, and no choice of them is right/) as string,
    });
  });

  it("A chunk that an earlier run had from a mirror that is gone is asked of the one that is there", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const scheduler = new VirtualTimeScheduler();
    const config = { ...oneEach, pauseWhen: timer(500, scheduler) };
    play(mirrors({ A: { corruptAt: 500 } }), { manifest, sink, progress, config, scheduler });
    const saved = progress.saved();
    expect(saved).toMatchObject({ bringers: ["A"], resumes: 0 });
    expect([...(saved?.broughtBy ?? [])]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    const told = play(mirrors({ B: {} }), { manifest, sink, progress, config: oneEach });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(told.of("download-completed")[0]?.account.received).toBeLessThan(1.1 * file.length);
  });
});

describe("our own disk, where only the whole has a digest", () => {
  it("A chunk that the disk has lost is found by its sum and fetched again, in the same run, and nobody is blamed", () => {
    const sink = memorySink();
    const manifest = plainOf(file, 1000, { whole });
    let isSpoilt = false;
    // Rots when all was written.
    const read = (offset: number, length: number) => {
      if (!isSpoilt) sink.write(4321, Uint8Array.of(1)).subscribe();
      isSpoilt = true;
      return sink.read(offset, length);
    };
    const told = play(mirrors({ A: {}, B: {} }), { manifest, sink: { ...sink, read }, config: oneEach });
    expect(told.completed).toBe(true);
    expect(sameBytes(told.bytes, file)).toBe(true);
    expect(told.of("download-completed")[0]?.account.received).toBe(file.length + 1000);
    expect(quarantined(told)).toEqual([]);
  });
});

describe("a whole that cannot be read back", () => {
  it("A whole that cannot be read back is LOCAL_IO, and its progress stays: nobody has said that it is wrong", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const read = () => throwError(() => new DownloadError("LOCAL_IO", "EIO"));
    const manifest = plainOf(file, 1000, { whole });
    const told = play(() => [scriptedPeer("A", file)], { manifest, sink: { ...sink, read }, progress });
    expect(told.error).toMatchObject({ code: "LOCAL_IO", message: "EIO" });
    const idle = turns("A", file, [{}]);
    expect(play(() => [idle], { manifest, sink, progress }).completed).toBe(true);
    expect(idle.asked).toEqual([]);
  });
});

it("Nothing is checked of a file without a digest of the whole", () => {
  const told = play(() => [scriptedPeer("A", file)], { manifest: plainOf(file, 1000) });
  expect([...told.of("notice"), ...told.of("checking")]).toEqual([]);
});
