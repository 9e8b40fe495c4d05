import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { firstValueFrom, lastValueFrom, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { checkpointStore, readCheckpoint } from "../../../src/adapters/node/checkpointStore.js";
import { draftName } from "../../../src/adapters/node/drafts.js";
import { maxNameBytes } from "../../../src/manifest/fileName.js";
import { encodeCheckpoint } from "../../../src/storage/encodeCheckpoint.js";
import { aCheckpoint, aFile } from "../../contracts/progressStoreContract.js";
import { tempFolder } from "../../tempFolder.js";

const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });
const message = (part: string) => expect.stringContaining(part) as string;
const record = (change: object = {}) => JSON.stringify({ ...encodeCheckpoint(aCheckpoint), ...change });

async function place(text?: string) {
  const folder = await tempFolder();
  const path = join(folder, "a.part.json");
  if (text !== undefined) await writeFile(path, text);
  return { folder, path, store: checkpointStore(path, aFile) };
}

describe("checkpointStore", () => {
  it("A record of progress is JSON that people can read, with nothing beside it", async () => {
    const { folder, path, store } = await place();
    await done(store.save(aCheckpoint));
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ ...aCheckpoint, complete: "AwI=" });
    expect(await readdir(folder)).toEqual(["a.part.json"]);
  });

  it.each([
    ["cut off", record().slice(0, 200), "JSON"],
    ["empty", "", "JSON"],
    ["of zeros, as a power loss may leave it", "\0".repeat(500), "JSON"],
    ["JSON of something else", "[1, 2]", "Invalid"],
    ["null", "null", "Invalid"],
    ["too large to be ours", " ".repeat(17 * 2 ** 20), "17825792 bytes, expected at most 1048576"],
    ["contradicting itself", record({ complete: "AA==" }), "bitmap"],
  ])("A record of progress that is %s is set aside", async (_, text, reason) => {
    const { folder, path, store } = await place(text);
    expect(await firstValueFrom(store.load())).toEqual({ unreadable: message(reason), setAside: `${path}.damaged` });
    expect(await readdir(folder)).toEqual(["a.part.json.damaged"]);
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(text);
    expect(await firstValueFrom(store.load())).toBeUndefined();
  });

  it.each([
    ["of a newer version", record({ version: 2 })],
    ["of another file", record({ root: "cd".repeat(32) })],
  ])("A record of progress that is %s is left alone", async (_, text) => {
    const { folder, path, store } = await place(text);
    await expect(firstValueFrom(store.load())).rejects.toMatchObject({ code: "INVALID_CHECKPOINT" });
    expect(await readdir(folder)).toEqual(["a.part.json"]);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("The drafts of a process that was killed while it saved are removed, and nothing that a user could have named", async () => {
    const { folder, path, store } = await place(record());
    const [ours, another, aFolder] = [draftName(path), draftName(join(folder, "b.part.json")), draftName(path)];
    const users = ["1234567", "damaged", "tributary-", "tributary-1234", "tributary-0123456789ab.txt"];
    const kept = [...users.map((ending) => `${path}.${ending}`), another];
    for (const name of [ours, ...kept]) await writeFile(name, "");
    await mkdir(aFolder);
    expect(await firstValueFrom(store.load())).toEqual(aCheckpoint);
    await done(store.save(aCheckpoint));
    await done(store.clear());
    expect((await readdir(folder)).sort()).toEqual([...kept, aFolder].map((name) => basename(name)).sort());
  });

  it("The draft of a record fits beside a file whose name is as long as one may be", async () => {
    const folder = await tempFolder();
    const store = checkpointStore(join(folder, `${"x".repeat(maxNameBytes)}.part.json`), aFile);
    await done(store.save(aCheckpoint));
    expect(await firstValueFrom(store.load())).toEqual(aCheckpoint);
  });

  it("A folder or a link in the place of a record is refused", async () => {
    const { folder, path, store } = await place();
    await mkdir(path);
    await expect(firstValueFrom(store.load())).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("is a folder"),
    });
    await expect(done(store.save(aCheckpoint))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message(`cannot write ${path}`),
    });
    await symlink("/etc/hostname", join(folder, "link"));
    await expect(firstValueFrom(checkpointStore(join(folder, "link"), aFile).load())).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("is a link"),
    });
  });

  it("A record is saved again after a save failed", async () => {
    const folder = join(await tempFolder(), "later");
    const store = checkpointStore(join(folder, "a.part.json"), aFile);
    await expect(done(store.save(aCheckpoint))).rejects.toMatchObject({ code: "LOCAL_IO", message: message("ENOENT") });
    await mkdir(folder);
    await done(store.save(aCheckpoint));
    expect(await firstValueFrom(store.load())).toEqual(aCheckpoint);
  });
});

describe("readCheckpoint", () => {
  it("The record of any file is given to those who only look", async () => {
    const { path } = await place(record());
    expect(await firstValueFrom(readCheckpoint(path))).toEqual(aCheckpoint);
  });

  it.each(["{", record({ version: 2 }), record({ size: -1 })])(
    "The record %s is refused to those who only look, and not touched",
    async (text) => {
      const { folder, path } = await place(text);
      await expect(firstValueFrom(readCheckpoint(path))).rejects.toMatchObject({ code: "INVALID_CHECKPOINT" });
      expect(await readdir(folder)).toEqual(["a.part.json"]);
    },
  );

  it("A record that is not there is said to be none", async () => {
    const { path } = await place();
    await expect(firstValueFrom(readCheckpoint(path))).rejects.toMatchObject({
      code: "INVALID_CHECKPOINT",
      message: message(path),
    });
  });
});
