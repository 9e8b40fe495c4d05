import { concat, defer, ignoreElements, of, timer, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import { codeOf } from "../../src/errors/codeOf.js";
import type { ChunkSink } from "../../src/storage/ChunkSink.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const manifest = await manifestOf(file, 1000);

it("A sink that somebody else has open is not closed by the download that was refused it", () => {
  const sink = memorySink();
  sink.open(3).subscribe();
  const told = play(() => [scriptedPeer("A", file)], { manifest, sink });
  expect(told.error).toMatchObject({ code: "LOCAL_IO", message: "memory sink: it is in use already" });
  const heard: Uint8Array[] = [];
  concat(sink.write(0, Uint8Array.of(1)), sink.read(0, 1)).subscribe((bytes) => heard.push(bytes));
  expect(heard).toEqual([Uint8Array.of(1)]);
});

it("A sink whose open was left in the middle is closed when that has ended", () => {
  const scheduler = new VirtualTimeScheduler();
  const sink = memorySink();
  const log: string[] = [];
  const slow: ChunkSink = {
    ...sink,
    open: (size) =>
      concat(
        timer(500, scheduler).pipe(ignoreElements()),
        defer(() => (log.push("open"), sink.open(size))),
      ),
    close: () => defer(() => (log.push("close"), sink.close())),
  };
  const parts = { manifest, peers: of([]), sink: slow, progress: memoryProgress(), digest: sha256, scheduler };
  download(parts).subscribe().unsubscribe();
  expect(log).toEqual([]);
  const leaving = download(parts).subscribe();
  scheduler.maxFrames = 100;
  scheduler.flush();
  leaving.unsubscribe();
  scheduler.maxFrames = 1000;
  scheduler.flush();
  expect(log).toEqual(["open", "close"]);
});

it("A progress store serves one run at a time, and the run that has it is left alone", () => {
  const scheduler = new VirtualTimeScheduler();
  const progress = memoryProgress();
  const ends: string[] = [];
  const run = (who: string): void => {
    const peers = of([scriptedPeer("A", file, { roundTripMs: 500, scheduler })]);
    download({ manifest, peers, sink: memorySink(), progress, digest: sha256, scheduler }).subscribe({
      complete: () => ends.push(`${who} done`),
      error: (error: unknown) => ends.push(`${who} ${codeOf(error)}`),
    });
  };
  run("first");
  scheduler.schedule(() => run("second"), 100);
  scheduler.flush();
  run("third");
  scheduler.flush();
  expect(ends).toEqual(["second LOCKED", "first done", "third done"]);
});
