import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { lastValueFrom, Subject, tap, toArray } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadFile, type DownloadFileOptions } from "../../../src/node.js";
import { seedFile } from "../../tools/seedFile.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const bytes = randomBytes(2_000_000);
const checksumOf = (file: Buffer): string => `sha-256=${createHash("sha256").update(file).digest("hex")}`;

let dir: string;

beforeEach(async () => {
  dir = await tempFolder();
});

afterEach(cleanUp);

function run(source: string | readonly string[], options: DownloadFileOptions = {}) {
  return lastValueFrom(downloadFile(source, { dir, catalogue: false, ...options }).pipe(toArray()));
}

const mirror = (answer: RequestListener = answerWith(bytes, { etag: '"v1"' })) => serve(answer, { path: "/film.mkv" });
const arrived = async (): Promise<boolean> => bytes.equals(await readFile(join(dir, "film.mkv")));

describe("a file by its URL", () => {
  it("A file by its URL comes from all of its mirrors, and is stored, not verified", async () => {
    const [a, b] = [await mirror(), await mirror()];
    const events = await run([a.url, b.url]);
    expect(await arrived()).toBe(true);
    expect(await readdir(dir)).toEqual(["film.mkv"]);
    expect(events.at(-1)).toMatchObject({ account: { integrity: "none", received: bytes.length } });
    expect(Math.min(a.requests.length, b.requests.length)).toBeGreaterThan(4);
  });

  it("A file by its URL that is here already is not fetched again, unless it was changed since", async () => {
    const changed = "Sat, 01 Jan 2022 00:00:00 GMT";
    const { url } = await mirror(answerWith(bytes, { "last-modified": changed }));
    await run(url);
    expect((await run(url)).at(-1)).toMatchObject({ account: { received: 0, resumed: bytes.length } });
    await utimes(join(dir, "film.mkv"), 1000, 1000);
    await expect(run(url)).rejects.toMatchObject({ code: "TARGET_EXISTS" });
  });

  it("A file by its URL that changed between two runs is fetched anew, with a line that says so", async () => {
    let version: readonly [Buffer, string] = [randomBytes(2_000_000), '"v1"'];
    const { url } = await mirror((request, response) =>
      answerWith(version[0], { etag: version[1] })(request, response),
    );
    const pauseWhen = new Subject<void>();
    const first = downloadFile(url, { dir, catalogue: false, pauseWhen, retry: { maxConcurrentChunks: 1 } });
    await lastValueFrom(first.pipe(tap(({ type }) => type === "chunk-stored" && pauseWhen.next())));
    version = [bytes, '"v2"'];
    const events = await run(url);
    expect(await arrived()).toBe(true);
    expect(events.find(({ type }) => type === "download-started")).toMatchObject({ resumedChunks: 0 });
    const said = events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect(said).toContainEqual(expect.stringContaining('its ETag was "v1" and is "v2". It is fetched anew'));
  });

  it("A file by its URL of unknown size comes in one request", async () => {
    const { url, requests } = await mirror((_request, response) => response.writeHead(200).end(bytes));
    await run(url);
    expect(await arrived()).toBe(true);
    expect(requests).toHaveLength(1);
    await expect(run(url)).rejects.toMatchObject({ code: "TARGET_EXISTS" });
  });

  it("A file of unknown size that is here already is known by its checksum", async () => {
    const { url, requests } = await mirror((_request, response) => response.writeHead(200).end(bytes));
    await run(url);
    const asked = requests.length;
    const events = await run(url, { checksum: checksumOf(bytes) });
    expect(events.at(-1)).toMatchObject({ account: { received: 0, size: bytes.length, integrity: "file" } });
    expect(requests.length - asked).toBeLessThanOrEqual(2); // what the file is, and how long
    const other = run(url, { checksum: checksumOf(Buffer.of(1)) });
    await expect(other).rejects.toMatchObject({ code: "TARGET_EXISTS" });
  });

  it("A file whose size a metalink tells, and no mirror, comes in chunks", async () => {
    const { url } = await mirror((_request, response) => response.writeHead(200).end(bytes));
    const metalink = join(dir, "film.meta4");
    const hash = createHash("sha256").update(bytes).digest("hex");
    await writeFile(
      metalink,
      `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="film.mkv">
      <size>${bytes.length}</size><hash type="sha-256">${hash}</hash><url>${url}</url></file></metalink>`,
    );
    const events = await run(metalink);
    expect(await arrived()).toBe(true);
    expect(events.at(-1)).toMatchObject({ account: { integrity: "file", received: bytes.length } });
    expect(events.filter(({ type }) => type === "chunk-stored").length).toBeGreaterThan(4);
  });
});

describe("a checksum that is given", () => {
  it("A checksum that is given verifies the file", async () => {
    const { url } = await mirror();
    const events = await run(url, { checksum: checksumOf(bytes) });
    expect(events.at(-1)).toMatchObject({ type: "download-completed", account: { integrity: "file" } });
  });

  it("A file with another checksum than was given gets no name, and the next run fetches all of it", async () => {
    const { url } = await mirror();
    const wrong = run(url, { checksum: checksumOf(Buffer.from("other")) });
    await expect(wrong).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
    expect(await readdir(dir)).not.toContain("film.mkv");
    const events = await run(url, { checksum: checksumOf(bytes) });
    expect(events.at(-1)).toMatchObject({ account: { received: bytes.length, resumed: 0 } });
    expect(await arrived()).toBe(true);
  });

  it("A checksum that is given is checked of a file with a manifest, too", async () => {
    const original = join(await tempFolder(), "film.mkv");
    await writeFile(original, bytes);
    const { link } = await seedFile(original);
    const wrong = run(link, { checksum: checksumOf(Buffer.from("other")) });
    await expect(wrong).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
    expect(await readdir(dir)).not.toContain("film.mkv");
    await run(link, { checksum: checksumOf(bytes) });
    expect(await arrived()).toBe(true);
  });
});
