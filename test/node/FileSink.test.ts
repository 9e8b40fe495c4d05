import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readdir, readFile, stat, statfs, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { firstValueFrom, lastValueFrom, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { checkFreeSpace } from "../../src/adapters/node/checkFreeSpace.js";
import { FileSink } from "../../src/adapters/node/FileSink.js";
import { tempFolder } from "./tempFolder.js";

const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });
const message = (part: string) => expect.stringContaining(part) as string;

describe("FileSink", () => {
  it("keeps bytes in .part until they get their name", async () => {
    const folder = await tempFolder();
    const sink = new FileSink(join(folder, "a.iso"));
    await firstValueFrom(sink.open(3));
    await done(sink.write(0, Buffer.from("abc")));
    expect(await readdir(folder)).toEqual(["a.iso.part"]);
    await done(sink.finish());
    expect(await readdir(folder)).toEqual(["a.iso"]);
    await done(sink.close());
  });

  it("holds files past 4 GiB without filling the disk", async () => {
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

  it("refuses a file that exists, at the start", async () => {
    const path = join(await tempFolder(), "a");
    await writeFile(path, "mine");
    await expect(firstValueFrom(new FileSink(path).open(3))).rejects.toMatchObject({
      code: "TARGET_EXISTS",
      message: message(path),
    });
    expect(await readFile(path, "utf8")).toBe("mine");
  });

  it("refuses a file that appeared meanwhile, at the end", async () => {
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

  it("replaces a file when told to", async () => {
    const path = join(await tempFolder(), "a");
    await writeFile(path, "old");
    const sink = new FileSink(path, { overwrite: true });
    await firstValueFrom(sink.open(3));
    await done(sink.write(0, Buffer.from("new")));
    await done(sink.finish());
    expect(await readFile(path, "utf8")).toBe("new");
  });

  it("refuses a folder in the place of either file, even when it may replace", async () => {
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

  it("follows no link out of its folder", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "victim"), "precious");
    await symlink(join(folder, "victim"), join(folder, "a.part"));
    await expect(firstValueFrom(new FileSink(join(folder, "a")).open(3))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("is a link"),
    });
    expect(await readFile(join(folder, "victim"), "utf8")).toBe("precious");
  });

  it("names path and cause when the folder is missing", async () => {
    const path = join(await tempFolder(), "nowhere", "a");
    await expect(firstValueFrom(new FileSink(path).open(3))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `cannot open ${path}.part: no such file or directory (ENOENT)`,
    });
  });

  it("refuses a file that the disk has no room for, before it creates anything", async () => {
    const folder = await tempFolder();
    await expect(firstValueFrom(new FileSink(join(folder, "a")).open(2 ** 52))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("bytes free, expected 4503599627370496"),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("counts what .part occupies already", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "a.part"), Buffer.alloc(1 << 20, 1));
    const found = await stat(join(folder, "a.part"));
    const { bavail, bsize } = await statfs(folder);
    const large = bavail * bsize * 2;
    await expect(checkFreeSpace(folder, large, undefined)).rejects.toThrow(`expected ${large}`);
    await expect(checkFreeSpace(folder, large, found)).rejects.toThrow(`expected ${large - found.blocks * 512}`);
    await checkFreeSpace(folder, 1 << 20, found);
  });

  it("gives another stamp after a stranger's write that hides its time", async () => {
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

  it("tells of a write that the system refuses, through the write or else through the next sync", async () => {
    const path = join(await tempFolder(), "a");
    const child = new URL("limitedSink.child.ts", import.meta.url).pathname;
    // Files of this process may grow to 1 MiB.
    const limited = spawn("sh", ["-c", 'ulimit -f 2048; exec "$0" --import tsx "$@"', process.execPath, child, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = await Promise.all([text(limited.stdout), once(limited, "exit")]);
    const reason = `LOCAL_IO: cannot write ${path}.part: file too large (EFBIG)`;
    expect(JSON.parse(output)).toEqual({
      write: reason,
      laterSync: "ok",
      syncAfterUnheard: reason,
      syncAfterThat: "ok",
    });
  });
});
