import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { filter, firstValueFrom, shareReplay, type Observable, type Subscription } from "rxjs";
import { onTestFinished, vi } from "vitest";
import { downloadFile } from "../../../src/assembly/node/downloadFile.js";
import { SharedFiles } from "../../../src/seeder/SharedFiles.js";
import { serveWhile } from "../../../src/tools/serveWhile.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import type { ServeFilesOptions } from "../../../src/tools/serveOptions.js";

// Ends are waited for until they meet; how long that takes is the machine's affair.
vi.setConfig({ testTimeout: 200_000 });

/** A file that one seeder serves, and a folder for what comes of it. */
export async function seeded(size: number, options: ServeFilesOptions = {}) {
  const folder = await tempFolder();
  const bytes = randomBytes(size);
  const path = join(folder, "original");
  await writeFile(path, bytes);
  return { ...(await seedFile(path, options)), folder, bytes, out: (name: string) => join(folder, name) };
}

/** The events, which go on until the test is over, or until `stop` is unsubscribed. */
function going<T>(events: Observable<T>): { readonly events: Observable<T>; readonly stop: Subscription } {
  const replayed = events.pipe(shareReplay({ bufferSize: 1000, refCount: true }));
  const stop = replayed.subscribe({ error: () => undefined });
  onTestFinished(() => stop.unsubscribe());
  return { events: replayed, stop };
}

/** One who has the whole file, and serves it to those who meet it at the seeder; resolves when it is there. */
export async function serving(link: string, out: string, bytes: Uint8Array) {
  await writeFile(out, bytes);
  const shared = new SharedFiles();
  const download = downloadFile(link, { out, shared, rtc: true, catalogue: false });
  const running = going(serveWhile(download, shared));
  await firstValueFrom(running.events.pipe(filter(({ type }) => type === "download-completed")));
  return running;
}

/** A download that meets others. */
export function downloading(link: string, out: string) {
  return going(downloadFile(link, { out, rtc: true, catalogue: false }));
}
