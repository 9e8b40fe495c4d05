import { defer, NEVER, of, timer, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import type { Doubt } from "../../src/storage/ChunkSink.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, plainOf, play, someBytes, type Told } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(10_000);
const plain = plainOf(file, 1000);

/** What a download leaves that has four chunks and a half, after a clean end. */
function left(manifest = plain) {
  const scheduler = new VirtualTimeScheduler();
  const [sink, progress] = [memorySink(), memoryProgress()];
  const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 100, scheduler });
  const config = { pauseWhen: timer(4550, scheduler), retry: { maxConcurrentChunks: 1 } };
  play(() => [peer], { manifest, sink, progress, config, scheduler });
  const saved = progress.saved();
  expect(saved).toMatchObject({ complete: Uint8Array.of(0b1111, 0), frontiers: { 4: 500 } });
  return { sink, saved };
}

/** As a kill leaves it: nothing says that the end was clean. */
function killed(saved: Checkpoint | undefined): Checkpoint | undefined {
  if (saved === undefined) return undefined;
  const { cleanStamp: _, ...rest } = saved;
  return rest;
}

/** Puts another byte where no stamp tells of it. */
const rot = (sink: ReturnType<typeof memorySink>, at: number): void => void (sink.bytes()[at] = 1 ^ (file[at] ?? 0));

/** Goes on from what is left; tells which chunks were asked for. */
function goOn(
  sink: ReturnType<typeof memorySink>,
  saved: Checkpoint | undefined,
  manifest = plain,
): Told & { readonly asked: readonly string[] } {
  const peer = turns("A", file, []);
  const told = play(() => [peer], { manifest, sink, progress: memoryProgress(saved) });
  expect(told.completed).toBe(true);
  expect(sameBytes(told.bytes, file)).toBe(true);
  const starts = told.of("attempt-started").map(({ chunk, offset }) => `${chunk} from ${offset}`);
  return { ...told, asked: starts };
}

const rest = ["5 from 0", "6 from 0", "7 from 0", "8 from 0", "9 from 0"];

it("After a kill a file without digests has its chunks compared with their sums, and only what the disk has lost is fetched again", () => {
  const { sink, saved } = left();
  expect(goOn(sink, killed(saved)).asked).toEqual(["4 from 500", ...rest]);
  const rotten = left();
  rot(rotten.sink, 2345);
  expect(goOn(rotten.sink, killed(rotten.saved)).asked.toSorted()).toEqual(["2 from 0", "4 from 500", ...rest]);
});

it("The beginning of a chunk without a digest is compared with its sum, too, and the chunk begun anew where the disk has lost some", () => {
  const { sink, saved } = left();
  rot(sink, 4321);
  const told = goOn(sink, killed(saved));
  expect(told.asked).toEqual(["4 from 0", ...rest]);
  expect(told.of("download-completed")[0]?.account).toMatchObject({ resumed: 4000, received: 6000 });
});

it.each([
  ["digests", await manifestOf(file, 1000)],
  ["sums", plain],
])(
  "Of a record that a right stamp speaks for some chunks are compared with their %s; where one is wrong, all are",
  (_, manifest) => {
    const { sink, saved } = left(manifest);
    expect(goOn(sink, saved, manifest).of("notice")).toEqual([]);
    const rotten = left(manifest);
    rot(rotten.sink, 2345);
    const told = goOn(rotten.sink, rotten.saved, manifest);
    expect(told.asked.toSorted()).toEqual(["2 from 0", "4 from 500", ...rest]);
    expect(told.of("notice").map(({ message }) => message)).toEqual([
      "chunk 2 is not on the disk as the last run left it; what is here is checked again before it counts",
      "1 chunk is wrong on disk, and is fetched again",
    ]);
  },
);

it("A file that was whole and lost a byte since is mended, though its stamp is right", () => {
  const [sink, progress] = [memorySink(), memoryProgress()];
  const finish = () =>
    defer(() => {
      throw new Error("killed");
    });
  play(() => [scriptedPeer("A", file)], { manifest: plain, sink: { ...sink, finish }, progress });
  rot(sink, 2345);
  expect(goOn(sink, progress.saved()).asked).toEqual(["2 from 0"]);
});

it("A kill while the sums are compared loses no claim", () => {
  const { sink, saved } = left();
  const progress = memoryProgress(killed(saved));
  play(
    () => [scriptedPeer("A", file, { hang: true })],
    { manifest: plain, sink: { ...sink, read: () => NEVER }, progress },
    100,
  );
  expect(progress.saved()).toMatchObject({ complete: Uint8Array.of(0b1111, 0) });
});

it("A record of before there were sums is believed as far as there are bytes", () => {
  const { sink, saved } = left();
  const {
    sums: _sums,
    frontierSums: _frontierSums,
    bringers: _bringers,
    broughtBy: _broughtBy,
    ...old
  } = killed(saved) ?? {};
  expect(goOn(sink, old as Checkpoint).asked).toEqual(["4 from 500", ...rest]);
});

it("Bytes that somebody else changed in mid-download are found by their sums, and fetched again in the same run", () => {
  const sink = memorySink();
  const scheduler = new VirtualTimeScheduler();
  let isTold = false;
  const doubt = () =>
    defer((): ReturnType<NonNullable<typeof sink.doubt>> => {
      if (isTold || scheduler.now() < 5000) return of(undefined);
      isTold = true;
      rot(sink, 1234);
      return of<Doubt>({ kind: "bytes", why: "somebody else was at file.part" });
    });
  const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, scheduler });
  const told = play(() => [peer], { manifest: plain, sink: { ...sink, doubt }, scheduler });
  expect(told.completed).toBe(true);
  expect(sameBytes(told.bytes, file)).toBe(true);
  expect(told.of("download-completed")[0]?.account.received).toBe(11_000);
});

it("Chunks without digests are not summed where nobody else can reach the bytes, unless a digest of the whole may be wrong", () => {
  const whole = { type: "sha-256", bytes: new Uint8Array(32) } as const;
  const summed = (isPrivate: boolean, manifest: typeof plain): boolean => {
    const scheduler = new VirtualTimeScheduler();
    const progress = memoryProgress();
    const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 100, scheduler });
    const config = { pauseWhen: timer(4550, scheduler), retry: { maxConcurrentChunks: 1 } };
    play(() => [peer], { manifest, sink: { ...memorySink(), isPrivate }, progress, config, scheduler });
    return new Uint8Array(progress.saved()?.sums ?? []).some((byte) => byte !== 0);
  };
  expect([summed(false, plain), summed(true, plain), summed(true, { ...plain, whole })]).toEqual([true, false, true]);
});
