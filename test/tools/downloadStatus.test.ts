import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, toArray } from "rxjs";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { lockDownload } from "../../src/adapters/node/lock.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import { downloadStatus } from "../../src/node.js";
import { Bitmap } from "../../src/storage/Bitmap.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { encodeCheckpoint } from "../../src/storage/encodeCheckpoint.js";
import { tempFolder } from "../tempFolder.js";

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
});

const statusOf = (place = folder) => lastValueFrom(downloadStatus(place).pipe(toArray()));
const root = "ab".repeat(32);

async function leave(name: string, more: Partial<Checkpoint> = {}): Promise<string> {
  const path = join(folder, name);
  const complete = Bitmap.empty(3).with(0).with(2).toBytes();
  const usual = { version: 1, root, name, size: 25, chunkSize: 10, complete } as const;
  const checkpoint = { ...usual, frontiers: {}, failed: [], peers: {}, resumes: 0, savedAt: 7, ...more };
  await writeFile(`${path}.part.json`, JSON.stringify(encodeCheckpoint(checkpoint)));
  return path;
}

it("A folder's unfinished downloads are told by name, with what each of them has", async () => {
  const b = await leave("b.mkv");
  const a = await leave("a.mkv", { complete: new Uint8Array(1) });
  await writeFile(join(folder, "c.mkv"), "whole");
  const told = { root, size: 25, failed: [], peers: [], savedAt: 7, running: false };
  expect(await statusOf()).toEqual([
    { ...told, path: a, name: "a.mkv", done: 0, chunks: { total: 3, done: 0 } },
    { ...told, path: b, name: "b.mkv", done: 15, chunks: { total: 3, done: 2 } },
  ]);
});

it("A file without digests of its chunks has no root", async () => {
  await leave("a", { root: plainFile({ name: "a", size: 25 }, sha256).root });
  const [found] = await statusOf();
  expect(found).toMatchObject({ name: "a" });
  expect(found).not.toHaveProperty("root");
});

it("Peers that served a download are told, the one with the most successes first", async () => {
  const record = (ok: number) => ({ ok, failed: 1, failures: 0 });
  await leave("a", { peers: { "ws://few": record(1), "ws://none": record(0), "ws://many": record(5) } });
  expect(await statusOf()).toMatchObject([{ peers: ["ws://many", "ws://few"] }]);
});

it("Chunks that failed are told with the peer and the error that they failed with last", async () => {
  const failed = [{ chunkIndex: 1, attemptCount: 4, lastAttempt: 6, lastPeer: "ws://a", lastError: "TIMEOUT" }];
  await leave("a", { failed });
  expect(await statusOf()).toMatchObject([{ failed }]);
});

it("A download that a process is at is told as running", async () => {
  const path = await leave("a");
  const held = lockDownload(`${path}.part`).subscribe();
  onTestFinished(() => held.unsubscribe());
  expect(await statusOf()).toMatchObject([{ path, running: true }]);
});

it("A record that cannot be read is told with its problem, and the others after it", async () => {
  const a = join(folder, "a");
  await writeFile(`${a}.part.json`, "{");
  await leave("b");
  const [damaged, whole] = await statusOf();
  expect(damaged).toEqual({ path: a, running: false, problem: expect.any(String) as string });
  expect(whole).toMatchObject({ name: "b" });
});

it("A lock that cannot be looked at is the problem of its download alone", async () => {
  const path = await leave("a");
  await writeFile(`${path}.part.lock`, "no record");
  await leave("b");
  expect(await statusOf()).toMatchObject([
    { path, running: false, problem: expect.any(String) as string },
    { name: "b" },
  ]);
});

it("A folder that is none, or is gone, fails with a code that says which", async () => {
  const file = join(folder, "a.part.json");
  await writeFile(file, "");
  await expect(statusOf(file)).rejects.toMatchObject({ code: "LOCAL_IO", message: `${file} is no folder` });
  await rm(folder, { recursive: true });
  await expect(statusOf()).rejects.toMatchObject({ code: "FILE_NOT_FOUND", message: `${folder} does not exist` });
});
