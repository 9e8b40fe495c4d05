import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, Subject, tap } from "rxjs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DownloadEvent } from "../../../src/index.js";
import { downloadFile, type DownloadFileOptions } from "../../../src/node.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";

const size = 3_000_000;
const retry = { initialBackoffMs: 1, maxBackoffMs: 2, maxChunkRetries: 1 };
let dir: string;
let film: string;
let bytes: Buffer;

beforeEach(async () => {
  const folder = await tempFolder();
  dir = join(folder, "target");
  film = join(folder, "film.mkv");
  bytes = randomBytes(size);
  await mkdir(dir);
  await writeFile(film, bytes);
});

afterEach(cleanUp);

/** All events, and the error, if it ends with one. */
async function run(sources: string | readonly string[], options: DownloadFileOptions = {}) {
  const events: DownloadEvent[] = [];
  const all = downloadFile(sources, { dir, retry, ...options }).pipe(tap((event) => events.push(event)));
  const error: unknown = await lastValueFrom(all).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { events, error, last: events.at(-1) };
}

/** Pauses a download when some of the file is here. */
async function begin(source: string, type: DownloadEvent["type"], options: DownloadFileOptions = {}) {
  const events: DownloadEvent[] = [];
  const pauseWhen = new Subject<void>();
  const download = downloadFile(source, { dir, ...options, limitRate: 3_000_000, pauseWhen });
  const hear = (event: DownloadEvent): void => {
    events.push(event);
    if (event.type === type) pauseWhen.next();
  };
  expect((await lastValueFrom(download.pipe(tap(hear)))).type).toBe("download-paused");
  return { events };
}

const asked = (events: readonly DownloadEvent[]): number => events.filter(({ type }) => type === "resolving").length;
const notices = (events: readonly DownloadEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
const arrived = async (name: string): Promise<boolean> => bytes.equals(await readFile(join(dir, name)));

it.each([
  ["of a name that was given", "copy", { out: "copy" }],
  ["that a peer named", "film.mkv", {}],
] as const)("Nobody is asked for the manifest of a file %s of which something is here", async (_, name, options) => {
  const { link } = await seedFile(film);
  await begin(link, "chunk-verified", options);
  expect(await readdir(dir)).toContain(`${name}.part.hashes`);
  const { events, error } = await run(link, options);
  expect(error).toBeUndefined();
  expect(asked(events)).toBe(0);
  expect(notices(events)).toEqual([]);
  expect(await arrived(name)).toBe(true);
  expect(await readdir(dir)).toEqual([name]);
});

it.each([
  ["is cut", (text: string) => text.slice(0, -10)],
  ["has a wrong digest", (text: string) => text.replace(/"digests":"...../, '"digests":"AAAAA')],
])("A kept manifest that %s is told once, asked for anew, and kept again", async (_, damage) => {
  const { link } = await seedFile(film);
  await begin(link, "chunk-verified");
  const path = join(dir, "film.mkv.part.hashes");
  const before = await readFile(path, "utf8");
  await writeFile(path, damage(before));
  const { events } = await begin(link, "chunk-verified");
  expect(await readFile(path, "utf8")).toBe(before);
  expect(notices(events)).toEqual([
    expect.stringMatching(
      /^The manifest that an earlier run left cannot be used, and is asked for anew: .*film\.mkv\.part\.hashes: /,
    ),
  ]);
  expect(asked(events)).toBe(1);
});

it("A kept manifest that is another file's is as if there was none", async () => {
  const { link } = await seedFile(film);
  await begin(link, "chunk-verified", { out: "copy" });
  await rm(join(dir, "copy.part"));
  await rm(join(dir, "copy.part.json"));
  await writeFile(film, (bytes = randomBytes(size)));
  const other = await seedFile(film);
  const { events } = await run(other.link, { out: "copy" });
  expect([asked(events), notices(events)]).toEqual([1, []]);
  expect(await arrived("copy")).toBe(true);
  expect(await readdir(dir)).toEqual(["copy"]);
});

it("A download whose manifest cannot be kept is whole all the same, and says so once", async () => {
  const { link } = await seedFile(film);
  await mkdir(join(dir, "film.mkv.part.hashes"));
  const { events, error } = await run(link);
  expect(error).toBeUndefined();
  expect(await arrived("film.mkv")).toBe(true);
  const told = notices(events).filter((message) => message.startsWith("The manifest cannot be kept"));
  expect(told).toEqual([expect.stringMatching(/film\.mkv\.part\.hashes/)]);
});

it("The name in a kept manifest is a peer's choice: one that no file gets is the root", async () => {
  const { link, root } = await seedFile(film);
  await begin(link, "chunk-verified");
  const path = join(dir, "film.mkv.part.hashes");
  await writeFile(path, (await readFile(path, "utf8")).replace("film.mkv", "../film.mkv"));
  const { events } = await run(link);
  expect(asked(events)).toBe(0);
  expect(await arrived(`${root}.bin`)).toBe(true);
});

it.each(["link", "mirror"] as const)(
  "A run whose %s is gone before it could begin tells what an earlier one left, also in its account",
  async (kind) => {
    const seeder = await seedFile(film);
    const mirror = await serve(answerWith(bytes, { etag: '"1"' }), { path: "/film.mkv" });
    const source = kind === "link" ? seeder.link : mirror.url;
    await begin(source, kind === "link" ? "chunk-verified" : "chunk-stored");
    await rm(join(dir, "film.mkv.part.hashes"), { force: true });
    seeder.stop.unsubscribe();
    await cleanUp();
    const { last, error } = await run(source);
    const words = /; \d+ kB of 3\.00 MB are kept from an earlier run$/;
    expect(error).toMatchObject({ message: expect.stringMatching(words) as string });
    expect(last).toMatchObject({
      type: "download-failed",
      resumable: true,
      message: expect.stringMatching(words) as string,
    });
    const { done, resumed, size: all } = (last as Extract<DownloadEvent, { type: "download-failed" }>).account;
    expect(done).toBeGreaterThan(0);
    expect([resumed, all]).toEqual([done, size]);
  },
);

it("A run of which nothing is here tells nothing of an earlier one when its link is gone", async () => {
  const { link, stop } = await seedFile(film);
  stop.unsubscribe();
  const { error } = await run(link);
  expect((error as Error).message).not.toContain("earlier run");
});
