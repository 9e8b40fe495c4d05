/** Downloads are observables, so an app's queue, progress bar and cancel button are a few operators. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadFile, serveFiles } from "rx-tributary/node";
import { mergeChunks } from "rx-tributary/operators";
import { bufferCount, filter, lastValueFrom, map, merge, ReplaySubject, scan, share, take, toArray } from "rxjs";

const folder = await mkdtemp(join(tmpdir(), "tributary-"));
const shelf = join(folder, "shelf");
await mkdir(shelf);
for (const n of [1, 2, 3, 4, 5, 6]) await writeFile(join(shelf, `book-${n}`), randomBytes(700_000));

const cancelButton = new ReplaySubject<string>(1); // whoever starts after the click hears of it as well
const options = { dir: folder, pauseWhen: cancelButton, catalogue: false };
const queue = serveFiles(shelf).pipe(
  filter((event) => event.type === "file-served"),
  map(({ link }) => link),
  bufferCount(6),
);
const events = queue.pipe(
  mergeChunks((link) => downloadFile(link, options), { concurrency: 2 }),
  share(),
);

const verified = events.pipe(filter((event) => event.type === "chunk-verified"));
const soFar = verified.pipe(scan((sum, { bytes }) => sum + bytes, 0));
const bar = soFar.subscribe((bytes) => console.log(`all files: ${bytes} bytes`));

const completed = events.pipe(filter((event) => event.type === "download-completed"));
completed.pipe(take(3)).subscribe({ complete: () => cancelButton.next("clicked") });

const paused = events.pipe(filter((event) => event.type === "download-paused"));
const ends = await lastValueFrom(merge(completed, paused).pipe(take(6), toArray()));
const done = ends.filter(({ type }) => type === "download-completed").length;
console.log(`${done} completed, ${ends.length - done} paused`);
bar.unsubscribe(); // the last one who listened: now the seeder ends, too
await rm(folder, { recursive: true });
