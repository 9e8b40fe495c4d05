import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { filter, firstValueFrom, ignoreElements, map, merge } from "rxjs";
import { afterEach, expect, it } from "vitest";
import type { ControlAsk } from "../../src/control/connectControl.js";
import { WatchedDownloads } from "../../src/control/WatchedDownloads.js";
import { answerWith, cleanUp, fileOf, serve } from "../adapters/http/harness.js";
import { DaemonStage } from "./DaemonStage.js";

const bytes = fileOf(300_000);

afterEach(cleanUp);

/** A daemon and a client of it. */
async function stage() {
  const daemon = await DaemonStage.start();
  const connection = await daemon.connection();
  const ask = <const Ask extends ControlAsk>(request: Ask) => firstValueFrom(connection.ask(request));
  /** Downloads as another client sees them, as soon as they are as is wanted. */
  const seen = async (isWanted: (downloads: WatchedDownloads) => boolean = () => true): Promise<WatchedDownloads> => {
    const other = await daemon.connection();
    const downloads = new WatchedDownloads();
    const folded = other.updates.pipe(
      map((update) => {
        downloads.fold(update);
        return downloads;
      }),
    );
    const asked = other.ask({ type: "watch", list: true }).pipe(ignoreElements());
    return firstValueFrom(merge(folded, asked).pipe(filter(isWanted)));
  };
  return { folder: daemon.folder, ask, seen };
}

const ended = (downloads: WatchedDownloads): boolean =>
  downloads.rows.length > 0 && downloads.rows.every(({ state }) => state === "completed" || state === "failed");

it("A client moves downloads before another one, to the end and to a priority, and others are told of it", async () => {
  const { ask, seen } = await stage();
  const downloads = ["a", "b", "c"].map((name) => ({ sources: [`http://192.0.2.1/${name}`], paused: true }));
  await ask({ type: "add", downloads });
  await ask({ type: "move", downloads: [3], before: 1 });
  expect((await seen()).rows.map(({ id }) => id)).toEqual([3, 1, 2]);
  await ask({ type: "move", downloads: [3], before: null, priority: "high" });
  const rows = await seen(({ rows: [first] }) => first?.id === 1);
  expect(rows.rows.map(({ id, priority }) => `${id} ${priority}`)).toEqual(["1 normal", "2 normal", "3 high"]);
  await expect(ask({ type: "move", downloads: [1], before: 7 })).rejects.toThrow(
    new RangeError("there is no download 7 in the list"),
  );
});

it("A client changes settings, and a setting that cannot be changes nothing", async () => {
  const { ask, seen } = await stage();
  await ask({ type: "configure", settings: { concurrency: 7, limitRate: 1000 } });
  const wrong = { concurrency: 2, retry: { maxChunkRetries: -1 } };
  await expect(ask({ type: "configure", settings: wrong })).rejects.toThrow(/maxChunkRetries/);
  expect((await seen()).settings).toMatchObject({ concurrency: 7, limitRate: 1000 });
});

it("A folder that is not absolute is refused, as that of a download and in the settings", async () => {
  const { ask, seen, folder } = await stage();
  const named = (dir: string) => ({ sources: ["http://192.0.2.1/a"], options: { dir }, paused: true });
  await expect(ask({ type: "add", downloads: [named(folder), named("~/films")] })).rejects.toThrow(
    'download 2 of the request: the folder is "~/films"; it must be an absolute path',
  );
  await expect(ask({ type: "configure", settings: { concurrency: 7, dir: "films" } })).rejects.toThrow(
    'the folder is "films"; it must be an absolute path',
  );
  const { rows, settings } = await seen();
  expect(rows).toEqual([]);
  expect(settings).toMatchObject({ dir: folder, concurrency: 3 });
});

it("A client is told the history of a chunk, and the figures of the day", async () => {
  const server = await serve(answerWith(bytes));
  const { ask, seen, folder } = await stage();
  await ask({ type: "add", downloads: [{ sources: [server.url], options: { out: "a" } }] });
  await seen(ended);
  expect(bytes.equals(await readFile(join(folder, "a")))).toBe(true);
  const history = await ask({ type: "history", download: 1, chunk: 0 });
  expect(history.whole).toBe(true);
  expect(history.events.at(-1)).toMatchObject({
    type: expect.stringMatching(/chunk-(stored|verified)/) as string,
    chunk: 0,
  });
  expect(await ask({ type: "history", download: 1, chunk: 99 })).toMatchObject({ events: [] });
  await expect(ask({ type: "history", download: 2, chunk: 0 })).rejects.toThrow(RangeError);
  const { days } = await ask({ type: "statistics" });
  expect(days).toMatchObject([{ received: bytes.length, completed: 1, completedBytes: bytes.length, failed: 0 }]);
});

it("A Metalink or a list that was dropped leads to no address of this machine, and to one that its user typed", async () => {
  const server = await serve(answerWith(bytes));
  let connections = 0;
  server.server.on("connection", () => (connections += 1));
  const metalink = `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="m"><size>${bytes.length}</size><url>${server.url}</url></file></metalink>`;
  const { ask, seen } = await stage();
  const once = { retry: { maxChunkRetries: 0, maxTotalRetries: 0 } };
  const named = server.url.replace("127.0.0.1", "localhost");
  const dropped = [{ metalink }, { sources: [server.url], isForeign: true }, { sources: [named], isForeign: true }];
  await ask({ type: "add", downloads: dropped.map((each) => ({ ...each, options: once })) });
  const refused = await seen(ended);
  expect(refused.rows.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
  expect(connections).toBe(0);
  await ask({ type: "add", downloads: [{ sources: [server.url], options: { out: "typed" } }] });
  const { rows } = await seen((all) => all.rows.length === 4 && ended(all));
  expect(rows.map(({ state }) => state)).toEqual(["failed", "failed", "failed", "completed"]);
});

it("A list that was dropped names no file of this machine", async () => {
  const { ask } = await stage();
  const add = ask({ type: "add", downloads: [{ sources: ["/etc/secret.meta4"], isForeign: true }] });
  await expect(add).rejects.toThrow(/"\/etc\/secret\.meta4".* nobody typed/);
});
