/** A seeder, and a download of what it serves: the smallest whole program. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeEvent } from "rx-tributary";
import { downloadFile, serveFiles } from "rx-tributary/node";
import { filter, lastValueFrom, switchMap, takeWhile, tap } from "rxjs";

const folder = await mkdtemp(join(tmpdir(), "tributary-"));
const original = join(folder, "original.bin");
const copy = join(folder, "copy.bin");
await writeFile(original, randomBytes(1_000_000));

try {
  await lastValueFrom(
    serveFiles(original).pipe(
      filter((event) => event.type === "file-served"),
      switchMap(({ link }) => downloadFile(link, { out: copy, catalogue: false })),
      tap((event) => {
        const line = describeEvent(event);
        if (line !== undefined) console.log(line);
      }),
      // Ends the seeder too: it serves for as long as somebody is subscribed.
      takeWhile((event) => event.type !== "download-completed"),
    ),
  );
  console.log(`same bytes: ${(await readFile(copy)).equals(await readFile(original))}`);
} finally {
  await rm(folder, { recursive: true });
}
