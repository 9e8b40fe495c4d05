import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, tap, toArray } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DownloadEvent, DownloadEventOf } from "../../../src/index.js";
import { downloadFile, makeManifest } from "../../../src/node.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";

let dir: string;
let film: string;
let bytes: Buffer;

beforeEach(async () => {
  const folder = await tempFolder();
  dir = join(folder, "target");
  film = join(folder, "film.mkv");
  bytes = randomBytes(5_000_000);
  await mkdir(dir);
  await writeFile(film, bytes);
});

afterEach(cleanUp);

async function run(sources: string | readonly string[], onEvent?: (event: DownloadEvent) => void) {
  const retry = { initialBackoffMs: 10, maxBackoffMs: 20 };
  const told = downloadFile(sources, { dir, catalogue: false, retry }).pipe(tap((event) => onEvent?.(event)));
  const events = await lastValueFrom(told.pipe(toArray()));
  const last = events.at(-1);
  if (last?.type !== "download-completed") throw new Error(`ended with ${JSON.stringify(last)}`);
  return { events, account: last.account };
}

const arrived = async (): Promise<boolean> => bytes.equals(await readFile(join(dir, "film.mkv")));
const peerOf = (link: string): string => link.slice(0, link.lastIndexOf("/"));

/** Speaks HTTP well, but sends the whole file whatever is asked for. */
const wholeOnly: Parameters<typeof serve>[0] = (_request, response) =>
  response.writeHead(200, { "content-length": bytes.length }).end(bytes);

describe("a seeder and a mirror", () => {
  it("A seeder and a mirror serve one file together that is known by the seeder's link", async () => {
    const { link } = await seedFile(film);
    const { url } = await serve(answerWith(bytes), { path: "/film.mkv" });
    const { account } = await run([link, url]);
    expect(await arrived()).toBe(true);
    expect(account.integrity).toBe("chunks");
    expect(Object.keys(account.bytesByPeer).toSorted()).toEqual([peerOf(link), url].toSorted());
    for (const brought of Object.values(account.bytesByPeer)) expect(brought).toBeGreaterThan(0);
  });

  it("A seeder and a mirror serve one file together that a metalink describes, which names both", async () => {
    const { link } = await seedFile(film);
    const { url } = await serve(answerWith(bytes), { path: "/film.mkv" });
    const { metalink } = await lastValueFrom(makeManifest(film, { urls: [url, link] }));
    const described = join(dir, "film.meta4");
    await writeFile(described, metalink);
    const { account } = await run(described);
    expect(await arrived()).toBe(true);
    for (const peer of [peerOf(link), url]) expect(account.bytesByPeer[peer]).toBeGreaterThan(0);
  });

  it("A seeder and a mirror of another file give the right one, by the seeder alone", async () => {
    const { link } = await seedFile(film);
    const other = randomBytes(4_000_000);
    const { url } = await serve(answerWith(other), { path: "/film.mkv" });
    const { events, account } = await run([link, url]);
    expect(await arrived()).toBe(true);
    expect(account.bytesByPeer).toEqual({ [peerOf(link)]: bytes.length });
    const excluded = events.filter((event: DownloadEvent) => event.type === "peer-excluded");
    expect(excluded).toMatchObject([{ peer: url, code: "RESOURCE_CHANGED" }]);
  });

  it("A seeder and a mirror that lies give the right file, and the mirror is not asked again", async () => {
    const { link } = await seedFile(film);
    const wrong = Buffer.from(bytes.map((byte) => byte ^ 0xff));
    const { url } = await serve(answerWith(wrong), { path: "/film.mkv" });
    const { events } = await run([link, url]);
    expect(await arrived()).toBe(true);
    const quarantined = events.filter((event: DownloadEvent) => event.type === "peer-quarantined");
    expect(quarantined).toMatchObject([{ peer: url, code: "CHECKSUM_MISMATCH" }]);
  });

  it("A mirror that sends only whole files leaves the work to the seeder beside it", async () => {
    const { link } = await seedFile(film);
    const { url } = await serve(wholeOnly, { path: "/film.mkv" });
    const { account } = await run([link, url]);
    expect(await arrived()).toBe(true);
    expect(account.bytesByPeer[peerOf(link)]).toBe(bytes.length);
  });

  it("A mirror that sends only whole files does the work when the seeder beside it is gone", async () => {
    const { link, stop } = await seedFile(film, { limitRate: 2_000_000 });
    const { url, requests } = await serve(wholeOnly, { path: "/film.mkv" });
    const verified: DownloadEventOf<"chunk-verified">[] = [];
    const { account } = await run([link, url], (event) => {
      if (event.type === "chunk-verified" && verified.push(event) === 4) stop.unsubscribe();
    });
    expect(await arrived()).toBe(true);
    for (const { peers } of verified.slice(0, 4)) expect(Object.keys(peers)).toEqual([peerOf(link)]);
    expect(account.bytesByPeer[url]).toBeGreaterThan(0);
    expect(requests.filter(({ headers }) => headers.range === undefined).length).toBeGreaterThan(0);
  });
});

it("A mirror that sends only whole files serves all of it in the answer to the first question", async () => {
  const mirror = await serve(wholeOnly, { path: "/film.mkv" });
  const { account } = await run(mirror.url);
  expect(await arrived()).toBe(true);
  expect(account).toMatchObject({ integrity: "none", received: bytes.length, waste: {} });
  expect(mirror.requests.map(({ headers }) => headers.range)).toEqual(["bytes=0-262143"]);
});
