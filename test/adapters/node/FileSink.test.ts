import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat, statfs, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { concat, firstValueFrom, lastValueFrom, mergeMap, type Observable, of, range, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { checkFreeSpace } from "../../../src/adapters/node/checkFreeSpace.js";
import { FileSink } from "../../../src/adapters/node/FileSink.js";
import { makePipe } from "./makePipe.js";
import { bundled } from "../../e2e/bundled.js";
import { tempFolder } from "../../tempFolder.js";

const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });
const message = (part: string) => expect.stringContaining(part) as string;

function writeAt(path: string, position: number, text: string): void {
  const file = openSync(path, "r+");
  writeSync(file, text, position);
  closeSync(file);
}

function replaceByFile(path: string): void {
  rmSync(path);
  writeFileSync(path, "theirs");
}

function replaceByLink(path: string): void {
  renameSync(path, `${path}.moved`);
  symlinkSync("a.part.moved", path);
}

/** Waits until the file system's clock, which may be coarse, has gone on since the file was changed. */
async function tick(path: string): Promise<void> {
  const { ctimeNs } = await stat(path, { bigint: true });
  const probe = `${path}.probe`;
  do await writeFile(probe, "x");
  while ((await stat(probe, { bigint: true })).ctimeNs <= ctimeNs);
  await rm(probe);
}

describe("FileSink", () => {
  it("Of two file sinks of one path the second is refused as LOCKED while the first is open, however the path is spelt", async () => {
    const folder = await tempFolder();
    const [first, second] = [new FileSink(join(folder, "a")), new FileSink(`${folder}/./a`, { overwrite: true })];
    await firstValueFrom(first.open(3));
    await expect(firstValueFrom(second.open(3))).rejects.toMatchObject({ code: "LOCKED" });
    await done(second.close());
    await expect(firstValueFrom(second.open(3))).rejects.toMatchObject({ code: "LOCKED" });
    await done(concat(first.write(0, Buffer.from("abc")), first.finish()));
    expect(await readFile(join(folder, "a"), "utf8")).toBe("abc");
    await firstValueFrom(second.open(3));
    await done(second.discard());
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("A file sink that could not be opened keeps its path from nobody", async () => {
    const path = join(await tempFolder(), "a");
    await writeFile(path, "old");
    await expect(firstValueFrom(new FileSink(path).open(3))).rejects.toMatchObject({ code: "TARGET_EXISTS" });
    const other = new FileSink(path, { overwrite: true });
    await firstValueFrom(other.open(3));
    await done(other.discard());
  });

  it("A file sink keeps bytes in .part until they get their name", async () => {
    const folder = await tempFolder();
    const sink = new FileSink(join(folder, "a.iso"));
    await firstValueFrom(sink.open(3));
    await done(sink.write(0, Buffer.from("abc")));
    expect(await readdir(folder)).toEqual(["a.iso.part"]);
    await done(sink.finish());
    expect(await readdir(folder)).toEqual(["a.iso"]);
    await done(sink.close());
  });

  it("A file sink holds files past 4 GiB without filling the disk", async () => {
    const path = join(await tempFolder(), "large");
    const size = 2 ** 32 + 10;
    const sink = new FileSink(path);
    await firstValueFrom(sink.open(size));
    await done(sink.write(2 ** 32 - 2, Buffer.from("across")));
    await done(sink.write(size - 3, Buffer.from("end")));
    expect(Buffer.from(await firstValueFrom(sink.read(2 ** 32 - 2, 6))).toString()).toBe("across");
    await done(sink.finish());
    const found = await stat(path);
    expect(found.size).toBe(size);
    expect(found.blocks * 512).toBeLessThan(2 ** 20);
  });

  it("A file sink refuses a file that exists, at the start", async () => {
    const path = join(await tempFolder(), "a");
    await writeFile(path, "mine");
    await expect(firstValueFrom(new FileSink(path).open(3))).rejects.toMatchObject({
      code: "TARGET_EXISTS",
      message: message(path),
    });
    expect(await readFile(path, "utf8")).toBe("mine");
  });

  it("A file sink refuses a file that appeared meanwhile, at the end", async () => {
    const path = join(await tempFolder(), "a");
    const sink = new FileSink(path);
    await firstValueFrom(sink.open(3));
    await done(sink.write(0, Buffer.from("new")));
    await writeFile(path, "mine");
    await expect(done(sink.finish())).rejects.toMatchObject({ code: "TARGET_EXISTS" });
    await done(sink.close());
    expect(await readFile(path, "utf8")).toBe("mine");
    expect(await readFile(`${path}.part`, "utf8")).toBe("new");
  });

  it("A file sink replaces a file when told to", async () => {
    const path = join(await tempFolder(), "a");
    await writeFile(path, "old");
    const sink = new FileSink(path, { overwrite: true });
    await firstValueFrom(sink.open(3));
    await done(sink.write(0, Buffer.from("new")));
    await done(sink.finish());
    expect(await readFile(path, "utf8")).toBe("new");
  });

  it("A file sink refuses a folder in the place of either file, even when it may replace", async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, "a"));
    await mkdir(join(folder, "b.part"));
    for (const [name, place] of [
      ["a", "a"],
      ["b", "b.part"],
    ] as const) {
      const sink = new FileSink(join(folder, name), { overwrite: true });
      await expect(firstValueFrom(sink.open(3))).rejects.toMatchObject({
        code: "LOCAL_IO",
        message: `${join(folder, place)} is a folder, expected a file or nothing`,
      });
    }
  });

  it("A file sink follows no link out of its folder", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "victim"), "precious");
    await symlink(join(folder, "victim"), join(folder, "a.part"));
    await expect(firstValueFrom(new FileSink(join(folder, "a")).open(3))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("is a link"),
    });
    expect(await readFile(join(folder, "victim"), "utf8")).toBe("precious");
  });

  it.each([
    ["a pipe", makePipe, "is a pipe, expected a file or nothing"],
    [
      "one of two names of a file",
      (path: string) => {
        writeFileSync(`${path}.mine`, "precious");
        linkSync(`${path}.mine`, path);
      },
      "is one of 2 names of one file (hard links)",
    ],
  ])("A file sink refuses %s in the place of .part, and leaves it as it is", async (_name, put, why) => {
    const path = join(await tempFolder(), "a");
    put(`${path}.part`);
    const before = await stat(`${path}.part`);
    for (const size of [3, Infinity]) {
      const sink = new FileSink(path, { overwrite: true });
      await expect(firstValueFrom(sink.open(size))).rejects.toMatchObject({ code: "LOCAL_IO", message: message(why) });
      await done(sink.close());
    }
    expect(await stat(`${path}.part`)).toMatchObject({ ino: before.ino, size: before.size, mtimeMs: before.mtimeMs });
  });

  describe.each([
    ["written by the thread pool", 30],
    ["written by a thread of its own", 64 * 1024 * 1024],
  ])("asked for its doubts, %s,", (_how, size) => {
    const written = async () => {
      const path = join(await tempFolder(), "a");
      const sink = new FileSink(path);
      await firstValueFrom(sink.open(size));
      await done(sink.write(0, Buffer.alloc(20, 1)));
      await tick(`${path}.part`);
      return { path, part: `${path}.part`, sink };
    };
    const disturbed: readonly (readonly [string, (part: string) => void, string])[] = [
      ["cut", (part) => truncateSync(part, 5), "bytes"],
      ["written to", (part) => writeAt(part, 0, "x"), "bytes"],
      ["made longer", (part) => writeAt(part, size - 5, "x"), "bytes"],
      ["moved away", (part) => renameSync(part, `${part}.moved`), "lost"],
      ["removed", (part) => rmSync(part), "lost"],
      ["replaced by another file", replaceByFile, "lost"],
      ["replaced by a link to it", replaceByLink, "lost"],
      ["given other rights", (part) => chmodSync(part, 0o600), "entry"],
    ];

    it("A file sink has no doubts after writes of its own, at once and one after the other, and after its syncs", async () => {
      const { sink } = await written();
      for (let n = 0; n < 50; n++) {
        await Promise.all([0, 10, 20].map((offset) => done(sink.write(offset, Buffer.alloc(10, n)))));
        await done(sink.write(n % 20, Buffer.alloc(10, n)));
        await firstValueFrom(sink.sync());
        expect(await firstValueFrom(sink.doubt())).toBeUndefined();
      }
      await done(sink.write(size - 1, Buffer.of(1)));
      await done(sink.finish());
    });

    it.each(disturbed)("A file sink tells once that the part was %s", async (_name, disturb, kind) => {
      const { part, sink } = await written();
      disturb(part);
      expect(await firstValueFrom(sink.doubt())).toMatchObject({ kind, why: message(part) });
      if (kind !== "lost") expect(await firstValueFrom(sink.doubt())).toBeUndefined();
      await done(sink.close());
    });

    it.each(disturbed)("A file sink sees what was %s through writes of its own", async (_name, disturb, kind) => {
      const { part, sink } = await written();
      disturb(part);
      await done(sink.write(size - 10, Buffer.alloc(10, 2)));
      await done(sink.write(10, Buffer.alloc(10, 2)));
      expect(await firstValueFrom(sink.doubt())).toMatchObject({ kind });
      await done(sink.close());
    });

    it.each(disturbed.filter(([, , kind]) => kind !== "entry"))(
      "A file sink finishes nothing that was %s",
      async (_n, disturb) => {
        const { path, part, sink } = await written();
        await done(sink.write(size - 10, Buffer.alloc(10, 2)));
        await tick(part);
        disturb(part);
        await expect(done(sink.finish())).rejects.toMatchObject({ code: "LOCAL_IO", message: message(part) });
        await done(sink.close());
        expect(existsSync(path)).toBe(false);
      },
    );

    it("A file sink sees that it was cut and written past again and again, while writes of its own left no pause", async () => {
      const part = join(await tempFolder(), "a.part");
      const sink = new FileSink(part.slice(0, -".part".length));
      const length = 64 * 1024;
      await firstValueFrom(sink.open(Math.max(16 * length, size)));
      const writes = range(0, 16).pipe(
        mergeMap((n) => concat(sink.write(n * length, Buffer.alloc(length)), of(n)), 2),
        // One of them alone may fall between the look before a write and the write itself.
        tap((n) => n < 14 && truncateSync(part, 100)),
      );
      await lastValueFrom(writes);
      expect(await firstValueFrom(sink.doubt())).toMatchObject({ kind: "bytes", why: message("expected") });
      await done(sink.close());
    });

    it("A file sink sees in the midst of a write that the file is longer than it comes to be", async () => {
      const part = join(await tempFolder(), "a.part");
      const sink = new FileSink(part.slice(0, -".part".length));
      await firstValueFrom(sink.open(Math.max(size, 60 * 1024 * 1024)));
      const write = done(sink.write(0, Buffer.alloc(48 * 1024 * 1024)));
      await expect.poll(() => statSync(part).size, { interval: 1 }).toBeGreaterThan(0);
      writeAt(part, 50 * 1024 * 1024, "x");
      await write;
      expect(await firstValueFrom(sink.doubt())).toMatchObject({ kind: "bytes" });
      await done(sink.close());
    });

    it("A file sink has no doubts of a cut of its own after which the name was taken", async () => {
      const path = join(await tempFolder(), "a");
      await writeFile(`${path}.part`, "longer");
      truncateSync(`${path}.part`, size + 1);
      const sink = new FileSink(path);
      await firstValueFrom(sink.open(size));
      await writeFile(path, "mine");
      await expect(done(sink.finish())).rejects.toMatchObject({ code: "TARGET_EXISTS" });
      expect(await firstValueFrom(sink.doubt())).toBeUndefined();
      await done(sink.close());
    });

    it("A file sink has no doubts after a write that the disk refused in the middle", async () => {
      const { sink } = await written();
      await expect(done(sink.write(size - 1, Buffer.from("xx")))).rejects.toMatchObject({ code: "LOCAL_IO" });
      expect(await firstValueFrom(sink.doubt())).toBeUndefined();
      await done(sink.close());
    });
  });

  it("A file sink discards what it has written, and nothing that took its place", async () => {
    const folder = await tempFolder();
    const sink = new FileSink(join(folder, "a"));
    await firstValueFrom(sink.open(3));
    await done(sink.discard());
    expect(await readdir(folder)).toEqual([]);
    await firstValueFrom(sink.open(3));
    renameSync(join(folder, "a.part"), join(folder, "moved"));
    await writeFile(join(folder, "a.part"), "theirs");
    await done(sink.discard());
    expect(await readFile(join(folder, "a.part"), "utf8")).toBe("theirs");
  });

  it("A file sink names path and cause when the folder is missing", async () => {
    const path = join(await tempFolder(), "nowhere", "a");
    await expect(firstValueFrom(new FileSink(path).open(3))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `cannot open ${path}.part: no such file or directory (ENOENT)`,
    });
  });

  it("A file sink refuses a file that the disk has no room for, before it creates anything", async () => {
    const folder = await tempFolder();
    await expect(firstValueFrom(new FileSink(join(folder, "a")).open(2 ** 52))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("bytes free, expected 4503599627370496"),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("A file sink counts what .part occupies already", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "a.part"), Buffer.alloc(1 << 20, 1));
    const found = await stat(join(folder, "a.part"));
    const { bavail, bsize } = await statfs(folder);
    const large = bavail * bsize * 2;
    await expect(checkFreeSpace(folder, large, undefined)).rejects.toThrow(`expected ${large}`);
    await expect(checkFreeSpace(folder, large, found)).rejects.toThrow(`expected ${large - found.blocks * 512}`);
    await checkFreeSpace(folder, 1 << 20, found);
  });

  it("A file sink gives another stamp after a stranger's write that hides its time", async () => {
    const path = join(await tempFolder(), "a");
    const sink = new FileSink(path);
    await firstValueFrom(sink.open(3));
    await done(sink.write(0, Buffer.from("abc")));
    const stamp = await firstValueFrom(sink.sync());
    await done(sink.close());
    const { atime, mtime } = await stat(`${path}.part`);
    const stranger = await open(`${path}.part`, "r+");
    await stranger.write("x", 1);
    await stranger.close();
    await utimes(`${path}.part`, atime, mtime);
    const next = new FileSink(path);
    const found = await firstValueFrom(next.open(3));
    expect(found).toMatchObject({ size: 3 });
    expect(found.stamp).not.toBe(stamp);
    await done(next.close());
  });

  it.each([
    ["the thread pool", 16],
    ["a thread of its own", 128],
  ])(
    "A write by %s that the system refuses is told through the write or else through the next sync",
    async (_how, mebibytes) => {
      const path = join(await tempFolder(), "a");
      const child = bundled(new URL("limitedSink.child.ts", import.meta.url));
      // Files of this process may grow to 1 MiB.
      const limited = spawn(
        "sh",
        ["-c", 'ulimit -f 2048; exec "$0" "$@"', process.execPath, child, path, String(mebibytes)],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      const [output] = await Promise.all([text(limited.stdout), once(limited, "exit")]);
      const reason = `LOCAL_IO: cannot write ${path}.part: file too large (EFBIG)`;
      expect(JSON.parse(output)).toEqual({
        write: reason,
        laterSync: "ok",
        syncAfterUnheard: reason,
        syncAfterThat: "ok",
      });
    },
  );
});
