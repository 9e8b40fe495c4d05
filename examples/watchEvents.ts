/** One stream of events, folded into one state: what a page or a terminal shows is a function of it. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DownloadState } from "rx-tributary";
import { initialState, percentOf, reduce } from "rx-tributary";
import { downloadFile, serveFiles } from "rx-tributary/node";
import { distinctUntilChanged, filter, lastValueFrom, map, scan, share, switchMap, takeWhile } from "rxjs";

const folder = await mkdtemp(join(tmpdir(), "tributary-"));
const original = join(folder, "original.bin");
await writeFile(original, randomBytes(3_000_000));

const states = serveFiles(original).pipe(
  filter((event) => event.type === "file-served"),
  switchMap(({ link }) => downloadFile(link, { out: join(folder, "copy.bin"), catalogue: false })),
  scan(reduce, initialState),
  takeWhile((state) => state.outcome === undefined, true),
  share(),
);

states
  .pipe(
    map((state) => percentOf(state)),
    filter((percent) => percent !== undefined),
    distinctUntilChanged(),
  )
  .subscribe((percent) => console.log(`${percent} %`));

const showPeers = ({ peers }: DownloadState): void => {
  for (const { id, ok, failed, bytes } of peers) {
    console.log(`${id}: ${ok} chunks, ${failed} failures, ${bytes} bytes`);
  }
};
showPeers(await lastValueFrom(states));
await rm(folder, { recursive: true });
