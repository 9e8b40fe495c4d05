/** Pausing is an event of yours, or an unsubscribe; resuming is to subscribe again. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadFile, serveFiles } from "rx-tributary/node";
import { concatMap, filter, firstValueFrom, last, Subject, tap } from "rxjs";

const folder = await mkdtemp(join(tmpdir(), "tributary-"));
const original = join(folder, "original.bin");
await writeFile(original, randomBytes(4_000_000));

const twoRuns = (link: string) => {
  const pause = new Subject<void>();
  const download = downloadFile(link, { out: join(folder, "copy.bin"), pauseWhen: pause, catalogue: false });
  let verified = 0;
  const untilPaused = download.pipe(
    tap((event) => {
      if (event.type === "chunk-verified" && ++verified === 5) pause.next();
    }),
    last(),
    tap(({ type }) => console.log(`first run ended with ${type}`)),
  );
  const rest = download.pipe(
    tap((event) => {
      if (event.type === "download-started") console.log(`found ${event.resumedChunks} chunks on disk`);
    }),
    last(),
    tap(({ type }) => console.log(`second run ended with ${type}`)),
  );
  return untilPaused.pipe(concatMap(() => rest));
};
const served = serveFiles(original).pipe(filter((event) => event.type === "file-served"));

await firstValueFrom(served.pipe(concatMap(({ link }) => twoRuns(link))));
await rm(folder, { recursive: true });
