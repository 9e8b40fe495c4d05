import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DownloadRecord, ManagerRecord } from "../../src/control/ManagerRecord.js";

/** Writes the list of a daemon into its state folder: downloads that are complete, and after them downloads of `source` that wait in line. */
export async function writeManyDownloads(
  state: string,
  { complete, waiting, source }: { readonly complete: number; readonly waiting: number; readonly source: string },
): Promise<void> {
  const downloads = Array.from({ length: complete + waiting }, (_, place): DownloadRecord => {
    const name = `file-${place + 1}.bin`;
    const whole = { state: "completed", size: 5e9, done: 5e9, path: join(state, name), endedAt: 2 } as const;
    return {
      ...{ id: place + 1, added: { sources: [source], options: { out: name } }, priority: "normal", addedAt: 1 },
      ...(place < complete ? whole : ({ state: "waiting", done: 0 } as const)),
    };
  });
  const record: ManagerRecord = {
    ...{ version: 1, nextId: downloads.length + 1, downloads, days: [] },
    settings: { concurrency: 3, limitRate: null, dir: join(state, "downloads"), retry: {} },
  };
  await mkdir(state, { recursive: true });
  await writeFile(join(state, "downloads.json"), JSON.stringify(record));
}
