import { filter, firstValueFrom, shareReplay, type Subscription } from "rxjs";
import { onTestFinished } from "vitest";
import { serveFiles, type ServeEvent } from "../../src/tools/serveFiles.js";
import type { ServeFilesOptions } from "../../src/tools/serveOptions.js";

/** Serves a file until the test is over, or until `stop` is unsubscribed; resolves with its link. */
export async function seedFile(
  path: string,
  options: ServeFilesOptions = {},
): Promise<{ readonly link: string; readonly root: string; readonly stop: Subscription }> {
  const served = serveFiles(path, options).pipe(shareReplay({ bufferSize: 10, refCount: true }));
  const stop = served.subscribe({ error: () => undefined });
  onTestFinished(() => stop.unsubscribe());
  const { link, manifest } = await firstValueFrom(served.pipe(filter(isServed)));
  return { link, root: manifest.root, stop };
}

function isServed(event: ServeEvent): event is Extract<ServeEvent, { type: "file-served" }> {
  return event.type === "file-served";
}
