import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom, lastValueFrom, of, Subject, takeWhile, tap, timer, toArray } from "rxjs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "../../../src/index.js";
import {
  downloadFile,
  downloadStatus,
  lockDownload,
  makeManifest,
  type DownloadFileOptions,
} from "../../../src/node.js";
import { manifestOfFile } from "../../../src/adapters/node/manifestOfFile.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";

const size = 5_000_000;
let folder: string;
let dir: string;
let film: string;
let bytes: Buffer;

beforeEach(async () => {
  folder = await tempFolder();
  dir = join(folder, "target");
  film = join(folder, "film.mkv");
  bytes = randomBytes(size);
  await mkdir(dir);
  await writeFile(film, bytes);
});

const quick = { initialBackoffMs: 1, maxBackoffMs: 2 };
const arrived = async (name = "film.mkv") => bytes.equals(await readFile(join(dir, name)));
const types = (events: readonly DownloadEvent[]) => events.map(({ type }) => type);

function ofType<Type extends DownloadEventType>(events: readonly DownloadEvent[], type: Type): DownloadEventOf<Type>[] {
  return events.filter((event): event is DownloadEventOf<Type> => event.type === type);
}

function run(sources: string | readonly string[], options: DownloadFileOptions = {}): Promise<DownloadEvent[]> {
  return lastValueFrom(downloadFile(sources, { dir, ...options }).pipe(toArray()));
}

/** All events, also those in front of an error. */
async function runToError(sources: string | readonly string[], options: DownloadFileOptions = {}) {
  const events: DownloadEvent[] = [];
  const error: unknown = await lastValueFrom(
    downloadFile(sources, { dir, ...options }).pipe(tap((event) => events.push(event))),
  ).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { events, error };
}

describe("downloadFile", () => {
  it("A download of a file does nothing before it is subscribed", async () => {
    const { link } = await seedFile(film);
    downloadFile(link, { dir });
    await firstValueFrom(timer(50));
    expect(await readdir(dir)).toEqual([]);
  });

  it("A download fetches each byte once from two peers and leaves nothing but the file", async () => {
    const peers = await Promise.all([seedFile(film), seedFile(film, { host: "127.0.0.2" })]);
    // On a busy machine a second request would bring some of it twice.
    const events = await run(
      peers.map(({ link }) => link),
      { parallelRetries: false },
    );
    expect(await arrived()).toBe(true);
    expect(await readdir(dir)).toEqual(["film.mkv"]);
    const [end] = ofType(events, "download-completed");
    expect(end?.account).toMatchObject({ size, done: size, verified: size, received: size });
    expect(events.at(-1)).toBe(end);
  });

  it("A download pauses when told to, and goes on from there", async () => {
    const { link } = await seedFile(film, { limitRate: 5_000_000 });
    const pauseWhen = new Subject<void>();
    const file = downloadFile(link, { dir, pauseWhen });
    const first = await lastValueFrom(
      file.pipe(
        tap(({ type }) => {
          if (type === "chunk-verified") pauseWhen.next();
        }),
        toArray(),
      ),
    );
    expect(first.at(-1)?.type).toBe("download-paused");
    expect(await readdir(dir)).toEqual(["film.mkv.part", "film.mkv.part.hashes", "film.mkv.part.json"]);
    const second = await lastValueFrom(file.pipe(toArray()));
    expect(ofType(second, "download-started")[0]?.resumedChunks).toBeGreaterThan(0);
    expect(await arrived()).toBe(true);
  });

  it("A download that is given up leaves nothing of its file, and lets go of its lock", async () => {
    const { link } = await seedFile(film, { limitRate: 5_000_000 });
    const discardWhen = new Subject<void>();
    const file = downloadFile(link, { dir, discardWhen });
    const events = await lastValueFrom(
      file.pipe(
        tap(({ type }) => {
          if (type === "chunk-verified") discardWhen.next();
        }),
        toArray(),
      ),
    );
    expect(events.at(-1)).toMatchObject({ type: "download-paused", removed: true });
    expect(await readdir(dir)).toEqual([]);
    const again = await lastValueFrom(file.pipe(toArray()));
    expect(ofType(again, "download-started")[0]?.resumedChunks).toBe(0);
    expect(await arrived()).toBe(true);
  });

  it("A download that is given up before it has begun removes nothing that is here", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    await writeFile(join(dir, "film.mkv.part"), "another's");
    const discardWhen = new Subject<void>();
    const events = await lastValueFrom(
      downloadFile(link, { dir, discardWhen }).pipe(
        tap(({ type }) => {
          if (type === "question-failed") queueMicrotask(() => discardWhen.next());
        }),
        toArray(),
      ),
    );
    expect(events.at(-1)).not.toHaveProperty("removed");
    expect(await readdir(dir)).toEqual(["film.mkv.part"]);
  });

  it("A download that is subscribed again at once after an unsubscribe waits for the save behind, and resumes", async () => {
    const { link } = await seedFile(film, { limitRate: 5_000_000 });
    const file = downloadFile(link, { dir });
    await lastValueFrom(file.pipe(takeWhile(({ type }) => type !== "chunk-verified")));
    const events = await lastValueFrom(file.pipe(toArray()));
    expect(ofType(events, "download-started")[0]?.resumedChunks).toBeGreaterThan(0);
    expect(events.at(-1)?.type).toBe("download-completed");
    expect(await arrived()).toBe(true);
  });

  it("A download that is subscribed again hears once of a save behind that failed", async () => {
    const { link } = await seedFile(film, { limitRate: 5_000_000 });
    const file = downloadFile(link, { dir });
    await lastValueFrom(
      file.pipe(
        tap(({ type }) => {
          if (type === "chunk-verified") renameSync(dir, `${dir}-gone`);
        }),
        takeWhile(({ type }) => type !== "chunk-verified"),
      ),
    );
    const events: DownloadEvent[] = [];
    const second = lastValueFrom(file.pipe(tap((event) => events.push(event))));
    await expect(second).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringMatching(/^what was to be saved when this download was left is not: .*film\.mkv/) as string,
    });
    expect(events.at(-1)).toMatchObject({ type: "download-failed", code: "LOCAL_IO", resumable: true });
    expect((await lastValueFrom(file)).type).toBe("download-completed");
    expect(await arrived()).toBe(true);
  });

  it("A download is refused while another is at it, and says so in an event and an error", async () => {
    const { link } = await seedFile(film);
    const other = lockDownload(join(dir, "film.mkv.part")).subscribe();
    onTestFinished(() => other.unsubscribe());
    const { events, error } = await runToError(link);
    expect(error).toMatchObject({ code: "LOCKED" });
    expect(events).toMatchObject([{ type: "resolving" }, { type: "download-failed", code: "LOCKED" }]);
  });

  it("A second subscriber is refused as LOCKED before anybody is asked, and the first is served", async () => {
    const { link } = await seedFile(film, { limitRate: 4_000_000 });
    const file = downloadFile(link, { dir });
    const first = lastValueFrom(file);
    const events: DownloadEvent[] = [];
    await expect(lastValueFrom(file.pipe(tap((event) => events.push(event))))).rejects.toMatchObject({
      code: "LOCKED",
      message: expect.stringContaining("this download is subscribed already; share it") as string,
    });
    expect(events).toMatchObject([{ type: "download-failed", code: "LOCKED", resumable: false }]);
    expect((await first).type).toBe("download-completed");
    expect(await arrived()).toBe(true);
  });

  it("A peer that joins a download on the way gets work", async () => {
    const first = await seedFile(film, { limitRate: 1_000_000 });
    const second = await seedFile(film, { host: "127.0.0.2" });
    const joining = new Subject<readonly string[]>();
    const events = await lastValueFrom(
      downloadFile(first.link, { dir, peers: joining }).pipe(
        tap(({ type }) => {
          if (type === "chunk-verified") joining.next([second.link.slice(0, -65)]);
        }),
        toArray(),
      ),
    );
    const [end] = ofType(events, "download-completed");
    expect(end?.account.bytesByPeer[second.link.slice(0, -65)]).toBeGreaterThan(size / 2);
    expect(await arrived()).toBe(true);
  });

  it("A peer that joins a download with another file is refused", async () => {
    const { link } = await seedFile(film, { limitRate: 1_000_000 });
    const { error } = await runToError(link, { peers: of([`ws://127.0.0.1:9/${"a".repeat(64)}`]) });
    expect(error).toMatchObject({ message: expect.stringContaining("a link to another file") as string });
  });

  it("A download finds the peers in the manifest, and needs none of them for what it is", async () => {
    const { link, root } = await seedFile(film);
    const { metalink } = await firstValueFrom(makeManifest(film, { urls: ["https://mirror.example/film", link] }));
    await writeFile(join(folder, "film.meta4"), metalink);
    const events = await run(join(folder, "film.meta4"), { out: "mine.mkv" });
    expect(ofType(events, "download-started")[0]?.manifest).toMatchObject({ root, name: "mine.mkv" });
    expect(await arrived("mine.mkv")).toBe(true);
  });

  it("A manifest of another file than the link's is refused", async () => {
    const { link } = await seedFile(film);
    const { metalink } = await firstValueFrom(makeManifest(film, { chunkSize: 1000 }));
    await writeFile(join(folder, "film.meta4"), metalink);
    const { error } = await runToError([link, join(folder, "film.meta4")]);
    expect(error).toMatchObject({ code: "INVALID_MANIFEST" });
  });

  it("A download goes on at once with another peer when the first has no manifest", async () => {
    const wrong = await seedFile(await another());
    const right = await seedFile(film, { host: "127.0.0.2" });
    const events = await run([`${wrong.link.slice(0, -64)}${right.root}`, right.link]);
    expect(events.at(-1)?.type).toBe("download-completed");
    expect(await arrived()).toBe(true);
  });

  it("A download keeps to the rate it was given", async () => {
    const { link } = await seedFile(film);
    const events = await run(link, { limitRate: 10_000_000 });
    const [end] = ofType(events, "download-completed");
    // A second's worth may come in one piece at the start; no machine is faster than the rate.
    expect(end?.account.elapsedMs).toBeGreaterThan(200);
    expect(await arrived()).toBe(true);
  });

  it("A download pauses before anything was fetched", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    const pauseWhen = new Subject<void>();
    const events = await lastValueFrom(
      downloadFile(link, { dir, pauseWhen }).pipe(
        tap(({ type }) => {
          if (type === "question-failed") queueMicrotask(() => pauseWhen.next());
        }),
        toArray(),
      ),
    );
    expect(types(events).slice(0, 2)).toEqual(["resolving", "question-failed"]);
    expect(types(events)).not.toContain("download-started");
    expect(events.at(-1)?.type).toBe("download-paused");
  });

  it("A download replaces another file only when allowed to", async () => {
    const { link } = await seedFile(film);
    await writeFile(join(dir, "film.mkv"), randomBytes(size));
    const { error } = await runToError(link, { out: "film.mkv" });
    expect(error).toMatchObject({ code: "TARGET_EXISTS" });
    await run(link, { out: "film.mkv", overwrite: true });
    expect(await arrived()).toBe(true);
  });

  describe("when a peer chooses its name", () => {
    it.each([false, true])(
      "A download replaces no file by the name that a peer chose, and is called by its root (overwrite: %j)",
      async (overwrite) => {
        const { link, root } = await seedFile(film);
        await writeFile(join(dir, "film.mkv"), "a user's");
        const events = await run(link, { overwrite });
        expect(await readFile(join(dir, "film.mkv"), "utf8")).toBe("a user's");
        expect(await arrived(`${root}.bin`)).toBe(true);
        expect((await readdir(dir)).toSorted()).toEqual([`${root}.bin`, "film.mkv"].toSorted());
        expect(ofType(events, "notice")[0]?.message).toMatch(
          /film\.mkv exists already .* saved as .*\.bin; name it with -o/,
        );
        expect(types(await run(link, { overwrite })).at(-1)).toBe("download-completed");
      },
    );

    it.each(["folder", "part", "record"])("A download is called by its root where a %s has that name", async (kind) => {
      const { link, root } = await seedFile(film);
      if (kind === "folder") await mkdir(join(dir, "film.mkv"));
      if (kind === "part") await writeFile(join(dir, "film.mkv.part"), "a user's");
      if (kind === "record") {
        const { chunkSize } = await firstValueFrom(manifestOfFile(film));
        const theirs = { version: 1, root: "c".repeat(64), name: "film.mkv", size, chunkSize, complete: "AAAA" };
        const rest = { frontiers: {}, failed: [], peers: {}, resumes: 0, savedAt: 0 };
        await writeFile(join(dir, "film.mkv.part.json"), JSON.stringify({ ...theirs, ...rest }));
        await writeFile(join(dir, "film.mkv.part"), "theirs");
      }
      const before = (await readdir(dir)).toSorted();
      await run(link, { overwrite: true });
      expect(await arrived(`${root}.bin`)).toBe(true);
      expect((await readdir(dir)).toSorted()).toEqual([`${root}.bin`, ...before].toSorted());
    });

    it.runIf(process.platform === "linux")(
      "A download whose peers suggest names that no file gets asks the next, and is called by its root",
      async () => {
        const bad = join(folder, ".bashrc");
        await writeFile(bad, bytes);
        const hostile = await seedFile(bad);
        const honest = await seedFile(film, { host: "127.0.0.2" });
        const events = await run([hostile.link, honest.link]);
        expect(ofType(events, "question-failed")[0]).toMatchObject({
          code: "PROTOCOL_ERROR",
          peer: hostile.link.slice(0, -65),
        });
        expect(await arrived()).toBe(true);
        await run(hostile.link);
        expect(await arrived(`${hostile.root}.bin`)).toBe(true);
        const named = await run(hostile.link, { out: "mine" });
        expect(types(named)).not.toContain("question-failed");
        expect(await readdir(dir)).toEqual([`${hostile.root}.bin`, "film.mkv", "mine"].toSorted());
      },
    );
  });

  it("A download whose file is here already says so, and asks nobody", async () => {
    const { link } = await seedFile(film);
    await run(link);
    expect(types(await run(link))).toEqual(["resolving", "download-started", "download-completed"]);
    expect(await readdir(dir)).toEqual(["film.mkv"]);
  });

  describe("when the file is here already", () => {
    /** As after a kill between the renaming and the forgetting. */
    const leaveRecord = async (change: object = {}) => {
      const { link, root } = await seedFile(film);
      const record = join(dir, "film.mkv.part.json");
      const { size, chunkSize, name } = await firstValueFrom(manifestOfFile(film));
      const checkpoint = {
        version: 1,
        root,
        name,
        size,
        chunkSize,
        complete: "AAAA",
        frontiers: {},
        failed: [],
        peers: {},
      };
      await writeFile(record, JSON.stringify({ ...checkpoint, resumes: 0, savedAt: 0, ...change }));
      await writeFile(join(dir, "film.mkv"), bytes);
      return link;
    };
    const found = () => lastValueFrom(downloadStatus(dir).pipe(toArray()));

    it("What a run left that died before it had forgotten its progress is removed when the file is here", async () => {
      const link = await leaveRecord();
      expect(await found()).toHaveLength(1);
      await writeFile(join(dir, "film.mkv.part"), "");
      await writeFile(join(dir, "film.mkv.part.hashes"), "");
      await run(link);
      expect(await readdir(dir)).toEqual(["film.mkv"]);
      expect(await found()).toEqual([]);
    });

    it.each([
      ["of another file", { root: "a".repeat(64) }],
      ["of a newer version", { version: 2 }],
      ["that is damaged", { peers: 5 }],
    ])("A record %s is left alone when the file is here", async (_, change) => {
      const link = await leaveRecord(change);
      const before = await readFile(join(dir, "film.mkv.part.json"), "utf8");
      await writeFile(join(dir, "film.mkv.part"), "theirs");
      await run(link);
      expect(await readdir(dir)).toEqual(["film.mkv", "film.mkv.part", "film.mkv.part.json"]);
      expect(await readFile(join(dir, "film.mkv.part.json"), "utf8")).toBe(before);
    });

    it("A download says so when what was left beside its file cannot be removed", async () => {
      const link = await leaveRecord();
      await mkdir(join(dir, "film.mkv.part"));
      const { error } = await runToError(link);
      expect(error).toMatchObject({
        code: "LOCAL_IO",
        message: expect.stringContaining("remove what is left") as string,
      });
    });
  });

  it("A download gives up on dead peers after the retries it was allowed", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    const { events, error } = await runToError(link, { retry: quick });
    expect(error).toMatchObject({ code: "RETRIES_EXHAUSTED", cause: { code: "CONNECTION_REFUSED" } });
    expect(ofType(events, "question-failed")).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ type: "download-failed", resumable: true });
  });

  it.each([
    ["a source that is none", () => downloadFile("film.mkv"), TypeError],
    ["no source", () => downloadFile([]), TypeError],
    ["a root alone", () => downloadFile("a".repeat(64)), TypeError],
    ["two manifests", () => downloadFile(["a.meta4", "b.meta4"]), TypeError],
    ["an unknown option", () => downloadFile(link0, { colour: "red" } as DownloadFileOptions), TypeError],
    ["a retry option out of range", () => downloadFile(link0, { retry: { maxChunkRetries: -1 } }), RangeError],
    ["a rate of nothing", () => downloadFile(link0, { limitRate: 0 }), RangeError],
    ["a token that is no header", () => downloadFile(link0, { tokens: { "127.0.0.1": "a\nb" } }), TypeError],
    ["a source of another kind", () => downloadFile(5 as unknown as string), TypeError],
  ])("A download is refused at the call for %s", (_, call, type) => {
    expect(call).toThrow(type);
  });

  it.each<readonly [string, unknown, string]>([
    ["out", 5, "out is 5; it must be the name of a file"],
    ["out", "", 'out is ""; it must be the name of a file'],
    ["dir", [], "dir is []; it must be the path of a folder"],
    ["overwrite", "yes", 'overwrite is "yes"; it must be true or false'],
    ["select", {}, "select is {}; it must be a name, or a place from 1"],
    ["maxMetalinkBytes", "9", 'maxMetalinkBytes is "9"; it must be a number of bytes, at least 1'],
    ["checksum", null, "checksum is null; it must be text such as sha-256= and hex digits"],
    ["limitRate", "1M", 'limitRate is "1M"; it must be a number of bytes a second above 0'],
    ["limitRate", NaN, "limitRate is NaN; it must be a number of bytes a second above 0"],
    ["peers", ["ws://a"], 'peers is ["ws://a"]; it must be an observable of lists of places'],
    ["catalogue", "", 'catalogue is ""; it must be true, false or the path of a file'],
    ["tokens", ["secret"], "tokens must be secrets by host"],
    ["tokens", { a: 5 }, "tokens must be secrets by host"],
    ["headers", { a: "X-Key: secret" }, "headers must be headers by host"],
    ["ca", 5, "ca must be a certificate as PEM, or several"],
  ])("The option %s is refused at the call as %j", (name, value, message) => {
    expect(() => downloadFile(link0, { [name]: value })).toThrow(message);
  });
});

const link0 = `ws://127.0.0.1:9/${"a".repeat(64)}`;

async function another(): Promise<string> {
  const path = join(folder, "another");
  await writeFile(path, "another");
  return path;
}
