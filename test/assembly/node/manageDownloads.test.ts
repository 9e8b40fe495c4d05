import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, defer, filter, firstValueFrom, lastValueFrom, share, Subject, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import type { DownloadManager } from "../../../src/assembly/manager/DownloadManager.js";
import { manageDownloads } from "../../../src/assembly/node/manageDownloads.js";
import { tempFolder } from "../../tempFolder.js";

const metalink = (name: string): string =>
  `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="${name}"><size>5</size><url>http://192.0.2.1/x</url></file></metalink>`;

/** What a manager of this file does between its start and its end; answers with what it noticed. */
async function life(folder: string, work: (manager: DownloadManager) => Promise<unknown>): Promise<readonly string[]> {
  const end = new Subject<void>();
  const manager = manageDownloads({ store: join(folder, "downloads.json"), dir: folder, pauseWhen: end });
  const events = manager.events.pipe(share());
  const notices = lastValueFrom(
    events.pipe(
      filter((event) => event.type === "notice"),
      toArray(),
    ),
  );
  await firstValueFrom(events);
  await work(manager).finally(() => end.next());
  return (await notices).map(({ message }) => message);
}

const added = (manager: DownloadManager, ...all: Parameters<DownloadManager["add"]>[0]) =>
  lastValueFrom(manager.add(all));
const nothing = () => Promise.resolve();

describe("a manager that keeps its downloads in a file", () => {
  it("A manager takes no settings and no downloads that it could not read again", async () => {
    const folder = await tempFolder();
    const noticed = await life(folder, async (manager) => {
      await added(manager, { sources: ["http://192.0.2.1/a"], paused: true });
      for (const concurrency of [0, 2.5, 2000, NaN])
        expect(() => manager.configure({ concurrency })).toThrow(/settings cannot be kept: concurrency: /);
      const odd = { sources: ["http://192.0.2.1/b"], priority: "urgent" } as unknown as { readonly sources: string[] };
      await expect(added(manager, odd)).rejects.toThrow(/download cannot be kept: priority: /);
      manager.configure({ concurrency: 5 });
    });
    expect(noticed).toEqual([]);
    const again = await life(folder, async (manager) => {
      expect([manager.order, manager.settings.concurrency]).toEqual([[1], 5]);
      return Promise.resolve();
    });
    expect(again).toEqual([]);
  });

  it("A name of any length in a Metalink costs a manager nothing of its list", async () => {
    const folder = await tempFolder();
    await life(folder, async (manager) => {
      await added(manager, { sources: ["http://192.0.2.1/a"], paused: true });
      await added(manager, { metalink: metalink("n".repeat(100_000)) });
      await lastValueFrom(
        concat(
          defer(() => manager.saved()),
          [0],
        ),
      );
    });
    const noticed = await life(folder, (manager) => {
      expect(manager.order).toEqual([1, 2]);
      return nothing();
    });
    expect(noticed).toEqual([]);
  });

  it("Documents of a list that was set aside stay, and so does what is no document", async () => {
    const folder = await tempFolder();
    const documents = join(folder, "documents");
    await life(folder, (manager) => added(manager, { metalink: metalink("a"), paused: true }));
    const kept = await readdir(documents);
    expect(kept).toHaveLength(1);
    await mkdir(join(documents, "a folder"));
    await writeFile(join(folder, "downloads.json"), "{");
    const noticed = await life(folder, nothing);
    expect(noticed).toEqual([expect.stringContaining("is kept as")]);
    await life(folder, nothing);
    expect((await readdir(documents)).toSorted()).toEqual([...kept, "a folder"].toSorted());
  });
});
