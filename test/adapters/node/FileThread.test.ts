import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileThread } from "../../../src/adapters/node/FileThread.js";
import { tempFolder } from "../../tempFolder.js";

let path: string;
let fd: number;

beforeEach(async () => {
  path = join(await tempFolder(), "file");
  fd = openSync(path, "w");
});
afterEach(() => closeSync(fd));

const shared = (text: string): Uint8Array => {
  const bytes = new Uint8Array(new SharedArrayBuffer(text.length));
  bytes.set(Buffer.from(text));
  return bytes;
};

describe("FileThread", () => {
  it("A file thread writes shared and other memory to its places, in order, and looks before and after", async () => {
    const thread = new FileThread(fd);
    const own = Buffer.from("-own-").subarray(1, 4);
    const looks = await Promise.all([
      thread.write(0, shared("_shared_").subarray(1, 7)),
      thread.write(6, own),
      thread.write(20, new Uint8Array()),
    ]);
    expect(looks.map(({ before, after, end }) => [before.size, after.size, end])).toEqual([
      [0n, 6n, 6],
      [6n, 9n, 9],
      [9n, 9n, 20],
    ]);
    expect(own.toString()).toBe("own");
    await thread.end();
    expect(await readFile(path, "utf8")).toBe("sharedown");
  });

  it("A file thread says what the system refuses, and goes on", async () => {
    const readOnly = openSync(path, "r");
    const thread = new FileThread(readOnly);
    expect(await thread.write(0, shared("x"))).toMatchObject({ end: 0, failure: { code: "EBADF" } });
    expect(await thread.write(0, new Uint8Array())).toMatchObject({ after: { size: 0n } });
    await thread.end();
    closeSync(readOnly);
  });

  it("A file thread fails what it was asked for and could not do before its end, and what it is asked for later", async () => {
    const thread = new FileThread(fd);
    const write = thread.write(0, shared("x"));
    const refused = expect(write).rejects.toThrow("has ended");
    await thread.end();
    await refused;
    await expect(thread.write(0, shared("x"))).rejects.toThrow("has ended");
  });
});
