import { writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { firstValueFrom, lastValueFrom, Subject, tap, toArray } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DownloadAllOptions, FileOutcome, ListEntry, ListEvent } from "../../../src/node.js";
import { downloadAll } from "../../../src/node.js";
import { answerWith, cleanUp, fileOf, gone, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";

const files: Readonly<Record<string, Buffer>> = { a: fileOf(1000), b: fileOf(400_000), c: fileOf(20_000) };

let dir: string;

beforeEach(async () => {
  dir = await tempFolder();
});

afterEach(cleanUp);

/** A server of the files; `/lost` is 404, and `/held` begins a file of 400 kB and never ends it. */
async function origin(more: Readonly<Record<string, RequestListener>> = {}) {
  const server = await serve(
    (request, response) => {
      const name = (request.url ?? "").slice(1);
      const file = files[name];
      const own = more[name];
      if (own !== undefined) own(request, response);
      else if (file === undefined) response.writeHead(404).end();
      else answerWith(file, { etag: `"${name}"` })(request, response);
    },
    { path: "" },
  );
  return server;
}

/** Sends a third of what is asked for, tells so, and no more. */
function holding(begun: Subject<void>): RequestListener {
  return (_request, response) => {
    const head = { "content-range": "bytes 0-262143/400000", "content-length": 262_144, etag: '"b"' };
    response.writeHead(206, head).write(fileOf(400_000).subarray(0, 90_000), () => begun.next());
  };
}

const listOf = (entries: readonly ListEntry[], options: DownloadAllOptions = {}) =>
  downloadAll(entries, { dir, catalogue: false, retry: { maxChunkRetries: 0 }, ...options });
const run = (entries: readonly ListEntry[], options: DownloadAllOptions = {}): Promise<ListEvent[]> =>
  lastValueFrom(listOf(entries, options).events.pipe(toArray()));
const isHere = async (name: string, as = name) => files[name]?.equals(await readFile(join(dir, as))) === true;

function endOf(events: readonly ListEvent[]) {
  const last = events.at(-1);
  if (last?.type !== "list-ended") throw new Error("the list has not ended");
  return last;
}
const statuses = (outcomes: readonly FileOutcome[]) => outcomes.map(({ status }) => status);

describe("a list of downloads", () => {
  it("The files of a list are had in its order, with one total, and the end tells where each is", async () => {
    const { url } = await origin();
    const events = await run([`${url}/a`, new URL(`${url}/b`), { sources: [`${url}/c`], out: "sea" }], {
      concurrency: 1,
    });
    const { outcomes, total } = endOf(events);
    expect(outcomes).toMatchObject([
      { file: 0, status: "completed", name: "a", size: 1000, path: join(dir, "a") },
      { file: 1, status: "completed", name: "b", size: 400_000, path: join(dir, "b") },
      { file: 2, status: "completed", name: "sea", size: 20_000, path: join(dir, "sea") },
    ]);
    expect(total).toMatchObject({ bytesDone: 421_000, bytesKnown: 421_000, filesDone: 3, filesRunning: 0 });
    const begun = events.flatMap((event) =>
      event.type === "file-event" && event.event.type === "download-started" ? [event.file] : [],
    );
    expect(begun).toEqual([0, 1, 2]);
    expect([await isHere("a"), await isHere("b"), await isHere("c", "sea")]).toEqual([true, true, true]);
    expect((await readdir(dir)).toSorted()).toEqual(["a", "b", "sea"]);
  });

  it("A file of a list that fails keeps no other from being had", async () => {
    const { url } = await origin();
    const { outcomes, total } = endOf(await run([`${url}/lost`, `${url}/a`, `${url}/b`], { concurrency: 1 }));
    expect(statuses(outcomes)).toEqual(["failed", "completed", "completed"]);
    expect(total).toMatchObject({ filesDone: 2, filesFailed: 1, bytesDone: 401_000 });
    expect([await isHere("a"), await isHere("b")]).toEqual([true, true]);
  });

  // Idle connections end by themselves after half a minute.
  it(
    "The files of a list take over one another's connections, which end with the list",
    { timeout: 20_000 },
    async () => {
      const server = await origin();
      server.server.keepAliveTimeout = 0; // it closes none by itself
      const { outcomes } = endOf(
        await run([`${server.url}/a`, `${server.url}/c`, `${server.url}/a?2`], { concurrency: 1 }),
      );
      expect(statuses(outcomes)).toEqual(["completed", "completed", "failed"]);
      expect(server.sockets).toHaveLength(1);
      await gone(server.sockets);
    },
  );

  it("A list that is left closes all sockets, keeps what is here, and goes on from there when it is subscribed again at once", async () => {
    const begun = new Subject<void>();
    let isHeld = true;
    const held = holding(begun);
    const server = await origin({
      b: (request, response) => (isHeld ? held : answerWith(fileOf(400_000), { etag: '"b"' }))(request, response),
    });
    const list = listOf([`${server.url}/b`, `${server.url}/a`], { concurrency: 1 });
    const events: ListEvent[] = [];
    const waited = firstValueFrom(begun);
    const left = list.events.subscribe((event) => events.push(event));
    await waited;
    left.unsubscribe();
    isHeld = false;
    const again = lastValueFrom(list.events.pipe(toArray()));
    await gone(server.sockets.slice(0, 1));
    expect(statuses(endOf(await again).outcomes)).toEqual(["completed", "completed"]);
    expect(events.some(({ type }) => type === "file-ended" || type === "list-ended")).toBe(false);
    await gone(server.sockets);
    expect((await readdir(dir)).toSorted()).toEqual(["a", "b"]);
    expect(await isHere("b")).toBe(true);
  });

  it("A list that is paused tells so of the file that runs and of those that wait", async () => {
    const begun = new Subject<void>();
    const server = await origin({ b: holding(begun) });
    const events = await run([`${server.url}/a`, `${server.url}/b`, `${server.url}/c`], {
      concurrency: 1,
      pauseWhen: begun,
    });
    expect(statuses(endOf(events).outcomes)).toEqual(["completed", "paused", "paused"]);
    await gone(server.sockets);
  });

  it("A file of a list is cancelled alone, and tried again while the list runs", async () => {
    const begun = new Subject<void>();
    let isHeld = true;
    const held = holding(begun);
    const server = await origin({
      b: (request, response) => (isHeld ? held : answerWith(fileOf(400_000), { etag: '"b"' }))(request, response),
    });
    const list = listOf([`${server.url}/b`, `${server.url}/c`], { concurrency: 1 });
    begun.subscribe(() => list.cancel(0, "remove"));
    const seen = await lastValueFrom(
      list.events.pipe(
        tap((event) => {
          if (event.type !== "file-ended" || event.outcome.status !== "cancelled") return;
          isHeld = false;
          list.retry(0);
        }),
        toArray(),
      ),
    );
    expect(statuses(endOf(seen).outcomes)).toEqual(["completed", "completed"]);
    expect([await isHere("b"), await isHere("c")]).toEqual([true, true]);
  });
});

describe("the Metalinks of a list", () => {
  const metalink = (url: string, ...names: readonly string[]) =>
    `<metalink>${names.map((name) => `<file name="${name}"><url>${url}/${name}</url></file>`).join("")}</metalink>`;

  it("A Metalink that does not fit its entry is a file of the list that failed, and the others go on", async () => {
    const { url } = await origin();
    const two = join(await tempFolder(), "two.meta4");
    await writeFile(two, metalink(url, "a", "b"));
    const events = await run([`${url}/a`, { sources: two, out: "one" }, `${url}/c`]);
    const { outcomes } = endOf(events);
    expect(statuses(outcomes)).toEqual(["completed", "failed", "completed"]);
    expect(outcomes[1]).toMatchObject({
      source: two,
      error: {
        code: "DIFFERENT_FILES",
        message: `${two} names 2 files, and one can be the name of one; select it, or give a folder`,
      },
    });
    expect((await readdir(dir)).toSorted()).toEqual(["a", "c"]);
  });

  it("A file that was given a name is called by it from the start, also when it fails", async () => {
    const { url } = await origin();
    const events = await run([{ sources: `${url}/nothing`, out: "sub/film" }, `${url}/a`]);
    expect(events[0]).toMatchObject({ type: "file-waiting", file: 0, name: "film" });
    expect(endOf(events).outcomes).toMatchObject([
      { status: "failed", name: "film" },
      { status: "completed", name: "a" },
    ]);
  });

  it("A Metalink that does not come holds up no other file of the list", async () => {
    const server = await origin({ "silent.meta4": () => undefined });
    const list = listOf([`${server.url}/silent.meta4`, `${server.url}/a`], { concurrency: 1 });
    const seen = await lastValueFrom(
      list.events.pipe(
        tap((event) => {
          if (event.type === "file-ended" && event.outcome.file === 1) list.cancel(0);
        }),
        toArray(),
      ),
    );
    expect(endOf(seen).outcomes).toMatchObject([
      { file: 0, status: "cancelled", source: `${server.url}/silent.meta4` },
      { file: 1, status: "completed", name: "a" },
    ]);
    await gone(server.sockets);
  });

  it("A Metalink that could not be read is read again when it is tried again", async () => {
    const { url } = await origin();
    const late = join(await tempFolder(), "late.meta4");
    const list = listOf([late]);
    const seen = await lastValueFrom(
      list.events.pipe(
        tap((event) => {
          if (event.type !== "file-ended" || event.outcome.status !== "failed") return;
          writeFileSync(late, metalink(url, "a", "c"));
          list.retry(0);
        }),
        toArray(),
      ),
    );
    expect(seen.some((event) => event.type === "file-ended" && event.outcome.status === "failed")).toBe(true);
    expect(endOf(seen).outcomes).toMatchObject([
      { file: 0, status: "completed", name: "a" },
      { file: 1, status: "completed", name: "c" },
    ]);
  });
});

describe("the end of a list and of its files", () => {
  it("A file that is given up after it was cancelled is removed, as long as it has not ended", async () => {
    const begun = new Subject<void>();
    const server = await origin({ b: holding(begun) });
    const list = listOf([`${server.url}/b`]);
    const giveUp = tap((event: ListEvent) => {
      if (event.type !== "file-event" || event.event.type !== "download-started") return;
      list.cancel(0);
      list.cancel(0, "remove");
    });
    const { outcomes } = endOf(await lastValueFrom(list.events.pipe(giveUp, toArray())));
    expect(outcomes).toMatchObject([{ status: "cancelled", removed: true }]);
    expect(await readdir(dir)).toEqual([]);
    await gone(server.sockets);
  });

  it("A list that has ended runs again when whoever hears of the end subscribes in the same breath", async () => {
    const { url } = await origin();
    const list = listOf(
      [
        { sources: `${url}/a`, out: "a" },
        { sources: `${url}/c`, out: "a" },
      ],
      { overwrite: true },
    );
    const again = new Promise<ListEvent[]>((resolve) => {
      list.events.subscribe({ complete: () => resolve(lastValueFrom(list.events.pipe(toArray()))) });
    });
    expect(statuses(endOf(await again).outcomes)).toEqual(["completed", "failed"]);
  });
});

describe("the names of a list's files", () => {
  it("Of two files with one path the second of the list fails, and the first is left as it is", async () => {
    const { url } = await origin();
    const list = ["a", "b"].map((name) => ({ sources: `${url}/${name}`, out: "a" }));
    const { outcomes } = endOf(await run(list, { overwrite: true }));
    expect(statuses(outcomes)).toEqual(["completed", "failed"]);
    expect(outcomes[1]).toMatchObject({ error: { code: "TARGET_EXISTS" } });
    expect(await isHere("a")).toBe(true);
  });

  it("A path that was given to a file is kept for it, also from those before it that learn their names", async () => {
    const { url } = await origin();
    const { outcomes } = endOf(await run([`${url}/a`, { sources: `${url}/b`, out: "a" }], { overwrite: true }));
    expect(statuses(outcomes)).toEqual(["failed", "completed"]);
    expect(outcomes[0]).toMatchObject({ error: { code: "TARGET_EXISTS" } });
    expect(await isHere("b", "a")).toBe(true);
  });

  it("A file whose name is one that the download of another takes is never written over by that download", async () => {
    const { url } = await origin();
    const list = [
      { sources: `${url}/a`, out: "x.part" },
      { sources: `${url}/c`, out: "x.part.json" },
      { sources: `${url}/b`, out: "x" },
    ];
    const { outcomes } = endOf(await run(list, { overwrite: true }));
    expect(statuses(outcomes)).toEqual(["completed", "completed", "failed"]);
    expect(outcomes[2]).toMatchObject({ error: { code: "TARGET_EXISTS" } });
    expect((await readdir(dir)).sort()).toEqual(["x.part", "x.part.json"]);
    expect([await isHere("a", "x.part"), await isHere("c", "x.part.json")]).toEqual([true, true]);
  });

  it("A name that a peer chose and another file of the list has is left to that one: both are had", async () => {
    const seeds = join(await tempFolder(), "seeds");
    await mkdir(join(seeds, "2"), { recursive: true });
    await writeFile(join(seeds, "film"), fileOf(1000));
    await writeFile(join(seeds, "2", "other"), fileOf(2000));
    const one = await seedFile(join(seeds, "film"));
    await rename(join(seeds, "2", "other"), join(seeds, "2", "film"));
    const two = await seedFile(join(seeds, "2", "film"), { host: "127.0.0.2" });
    const { outcomes } = endOf(await run([one.link, two.link], { concurrency: 1, overwrite: true }));
    expect(outcomes).toMatchObject([
      { status: "completed", path: join(dir, "film") },
      { status: "completed", size: 2000 },
    ]);
    expect(await readFile(join(dir, "film"))).toHaveLength(1000);
    expect(await readdir(dir)).toHaveLength(2);
  });
});

describe("the options of a list", () => {
  it("An option of an entry goes over that of the list, and one that is undefined does not", async () => {
    const { url } = await origin();
    await mkdir(join(dir, "own"));
    const entries = [
      { sources: `${url}/a`, dir: undefined, out: undefined },
      { sources: `${url}/c`, dir: join(dir, "own") },
    ];
    const { outcomes } = endOf(await run(entries));
    expect(outcomes).toMatchObject([{ path: join(dir, "a") }, { path: join(dir, "own", "c") }]);
  });

  it.each<readonly [string, unknown, object, string]>([
    [
      "an entry's option",
      [{ sources: "http://a/b", cheksum: "x" }],
      {},
      'unknown option "cheksum" of an entry, did you mean "checksum"?',
    ],
    ["an option of the list", [{ sources: "http://a/b", limitRate: 5 }], {}, 'unknown option "limitRate" of an entry'],
    [
      "an entry's value",
      ["http://a/b", { sources: "http://a/b", select: "x" }],
      {},
      'entry 2 of the list: select is "x"; it must be a list of names',
    ],
    ["an option of one file", ["http://a/b"], { out: "x" }, 'unknown option "out" of downloadAll'],
    [
      "a number of files",
      ["http://a/b"],
      { concurrency: 0.5 },
      "concurrency is 0.5; it must be a whole number of files, at least 1",
    ],
    ["no list but an address", "http://a/b", {}, 'list is "http://a/b"; it must be a list of sources'],
    ["an entry", ["http://a/b", null], {}, "entry 2 of the list: null is no source"],
    ["a lone source", ["film.mkv"], {}, '"film.mkv" is no source'],
  ])(
    "A list with %s that cannot be is refused at the call, and the message says what is right",
    (_what, list, options, message) => {
      let error: unknown;
      try {
        downloadAll(list as never, options);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toContain(message);
    },
  );
});
