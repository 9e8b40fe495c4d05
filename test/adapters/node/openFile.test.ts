import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../../../src/adapters/node/checkpointStore.js";
import { openFile } from "../../../src/adapters/node/openFile.js";
import { readTextFile } from "../../../src/adapters/node/readTextFile.js";
import { makePipe } from "./makePipe.js";
import { tempFolder } from "../../tempFolder.js";

describe.runIf(process.platform === "linux")("openFile", () => {
  it("A pipe, a folder and a device are not opened, and are said to be such", async () => {
    const folder = await tempFolder();
    const pipe = makePipe(join(folder, "pipe"));
    const linked = join(folder, "link");
    await symlink(pipe, linked);
    const expected = [
      [pipe, "a pipe"],
      [linked, "a pipe"],
      [folder, "a folder"],
      ["/dev/null", "a socket or a device"],
    ] as const;
    for (const [path, kind] of expected) {
      await expect(openFile(path)).rejects.toMatchObject({
        code: "LOCAL_IO",
        message: `${path} is ${kind}, expected a file`,
      });
    }
  });

  it("Links are followed where the user gave the name, and not where a program made it", async () => {
    const folder = await tempFolder();
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    await writeFile(file, "text");
    await symlink(file, link);
    const opened = await openFile(link);
    expect(await opened.readFile("utf8")).toBe("text");
    await opened.close();
    await expect(openFile(link, { followLinks: false })).rejects.toMatchObject({
      message: `${link} is a link, expected a file`,
    });
  });

  it("A file that has to lie in a folder is opened there, by whatever name of the folder, and nowhere else", async () => {
    const folder = await tempFolder();
    const [share, outside, named] = ["share", "share-not", "named"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const place of [join(share, "deep"), outside]) {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, "file"), place);
    }
    await symlink(share, named);
    await symlink(outside, join(share, "way out"));
    await symlink(join(outside, "file"), join(share, "link"));
    const opened = await openFile(join(named, "deep", "file"), { within: named });
    expect(await opened.readFile("utf8")).toBe(join(share, "deep"));
    await opened.close();
    const through = join(share, "way out", "file");
    await expect(openFile(through, { within: share })).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `${through} does not lie in ${share} any more, but at ${join(outside, "file")}`,
    });
    await expect(openFile(join(share, "link"), { within: share })).rejects.toMatchObject({
      message: `${join(share, "link")} is a link, expected a file`,
    });
    await expect(openFile(join(outside, "file"), { within: share })).rejects.toMatchObject({ code: "LOCAL_IO" });
  });
});

describe("readTextFile", () => {
  it("A text file is read as far as is allowed, and refused beyond with the code that was given", async () => {
    const path = join(await tempFolder(), "text");
    await writeFile(path, "däh");
    expect(await readTextFile(path, { maxBytes: 4 })).toBe("däh");
    await expect(readTextFile(path, { maxBytes: 3, tooLong: "INVALID_MANIFEST" })).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: `${path} has more than 3 bytes, expected at most that`,
    });
  });
});

it.runIf(process.platform === "linux")("A record of progress that is a pipe is refused, not waited for", async () => {
  const folder = await tempFolder();
  const path = makePipe(join(folder, "a.part.json"));
  await expect(lastValueFrom(readCheckpoint(path))).rejects.toMatchObject({
    code: "LOCAL_IO",
    message: `${path} is a pipe, expected a file or nothing`,
  });
  const inside = join(folder, "b.part.json");
  await mkdir(inside);
  await expect(lastValueFrom(readCheckpoint(inside))).rejects.toMatchObject({ code: "LOCAL_IO" });
});
