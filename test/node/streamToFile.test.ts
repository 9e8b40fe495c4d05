import { readdirSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, EMPTY, from, ignoreElements, lastValueFrom, NEVER, Subject, throwError, toArray } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { readRanges } from "../../src/adapters/node/readRanges.js";
import { streamToFile } from "../../src/adapters/node/streamToFile.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { someBytes } from "../download/swarm.js";
import { tempFolder } from "./tempFolder.js";

const bytes = someBytes(100_000);
const pieces = [bytes.subarray(0, 70_000), bytes.subarray(70_000, 70_001), bytes.subarray(70_001)];

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, "film");
});

const errorOf = (run: ReturnType<typeof streamToFile>): Promise<unknown> =>
  lastValueFrom(run, { defaultValue: undefined }).then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a stream that becomes a file", () => {
  it("has its name when it has ended, and emits what is written", async () => {
    const written = await lastValueFrom(streamToFile(path, from(pieces)).pipe(toArray()));
    expect(written.map(({ length }) => length)).toEqual([70_000, 1, 29_999]);
    expect(await readdir(folder)).toEqual(["film"]);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
  });

  it("is in its part until then, and without what an earlier run left there", async () => {
    await writeFile(`${path}.part`, someBytes(200_000));
    const checked: (readonly [string[], number])[] = [];
    const look = async () => checked.push([await readdir(folder), (await readFile(`${path}.part`)).length]);
    await lastValueFrom(streamToFile(path, from(pieces), { check: () => from(look()).pipe(ignoreElements()) }));
    expect(checked).toEqual([[["film.part"], bytes.length]]);
    expect((await readFile(path)).length).toBe(bytes.length);
  });

  it("may be empty", async () => {
    await lastValueFrom(streamToFile(path, EMPTY), { defaultValue: undefined });
    expect((await readFile(path)).length).toBe(0);
  });

  it("begins nothing before it is subscribed, and serves two subscribers one after the other", async () => {
    const run = streamToFile(path, from(pieces));
    expect(await readdir(folder)).toEqual([]);
    await lastValueFrom(run);
    await lastValueFrom(run);
    expect(await readdir(folder)).toEqual(["film"]);
  });
});

describe("what came of a stream is removed", () => {
  const broken = new DownloadError("CONNECTION_LOST", "gone");

  it("before its error is passed on", async () => {
    const run = streamToFile(
      path,
      concat(
        from(pieces),
        throwError(() => broken),
      ),
    );
    let left: readonly string[] | undefined;
    const error = await new Promise((resolve) => {
      run.subscribe({
        error: (thrown: unknown) => {
          left = readdirSync(folder);
          resolve(thrown);
        },
      });
    });
    expect(error).toBe(broken);
    expect(left).toEqual([]);
  });

  it("when the check fails, and what had the name stays", async () => {
    await writeFile(path, "before");
    const run = streamToFile(path, from(pieces), { check: () => throwError(() => broken) });
    expect(await errorOf(run)).toBe(broken);
    expect(await readdir(folder)).toEqual(["film"]);
    expect(await readFile(path, "utf8")).toBe("before");
  });

  it("when it is unsubscribed, with the file closed", async () => {
    const wrote = new Subject<void>();
    const run = streamToFile(path, concat(from(pieces), NEVER)).subscribe(() => wrote.next());
    await new Promise<void>((resolve) => wrote.subscribe(resolve));
    expect(await readdir(folder)).toEqual(["film.part"]);
    run.unsubscribe();
    await emptied();
  });

  it("when it is unsubscribed while the file is being opened", async () => {
    streamToFile(path, from(pieces)).subscribe().unsubscribe();
    await expect.poll(openFiles).toEqual([]);
    await emptied();
  });

  const emptied = () => expect.poll(() => readdir(folder)).toEqual([]);
  const openFiles = async (): Promise<readonly string[]> => {
    const all = await readdir("/proc/self/fd").catch(() => []);
    const targets = await Promise.all(all.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
    return targets.filter((target) => target.startsWith(folder));
  };
});

describe("a disk that refuses is LOCAL_IO", () => {
  it("when the part cannot be opened", async () => {
    await mkdir(`${path}.part`);
    expect(await errorOf(streamToFile(path, NEVER))).toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringContaining(`cannot open ${path}.part`) as string,
    });
  });

  it("when the part is a link, which is not followed", async () => {
    await writeFile(join(folder, "precious"), "kept");
    await symlink(join(folder, "precious"), `${path}.part`);
    expect(await errorOf(streamToFile(path, from(pieces)))).toMatchObject({ code: "LOCAL_IO" });
    expect(await readFile(join(folder, "precious"), "utf8")).toBe("kept");
  });

  it("when the name is taken by a folder", async () => {
    await mkdir(path);
    const error = await errorOf(streamToFile(path, from(pieces)));
    expect(error).toMatchObject({ code: "LOCAL_IO", message: expect.stringContaining("cannot finish") as string });
    expect(await readdir(folder)).toEqual(["film"]);
  });
});

describe("readRanges", () => {
  it("reads a few places, and less where the file ends", async () => {
    await writeFile(path, bytes);
    const ranges = [
      { position: 99_990, length: 20 },
      { position: 0, length: 3 },
      { position: 200_000, length: 5 },
    ];
    const found = await lastValueFrom(readRanges(path, ranges));
    expect(found.map((piece) => [...piece])).toEqual([[...bytes.subarray(99_990)], [...bytes.subarray(0, 3)], []]);
  });

  it("of a file that is not there is LOCAL_IO, which names it", async () => {
    await expect(lastValueFrom(readRanges(path, []))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `cannot read ${path}: no such file or directory (ENOENT)`,
    });
  });
});
