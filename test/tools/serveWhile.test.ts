import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  filter,
  finalize,
  firstValueFrom,
  lastValueFrom,
  map,
  NEVER,
  retry,
  shareReplay,
  Subject,
  switchMap,
  tap,
  toArray,
} from "rxjs";
import { expect, it, onTestFinished } from "vitest";
import { dialNode } from "../../src/adapters/websocket/dialNode.js";
import { WebSocketPeer } from "../../src/adapters/websocket/WebSocketPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { downloadFile } from "../../src/assembly/node/downloadFile.js";
import type { Announcer } from "../../src/seeder/Announcer.js";
import { SharedFiles } from "../../src/seeder/SharedFiles.js";
import { serveWhile, type ServeWhileOptions } from "../../src/tools/serveWhile.js";
import { tempFolder } from "../tempFolder.js";
import { seedFile } from "./seedFile.js";

const size = 4 * 1024 * 1024;

async function original(): Promise<{ readonly path: string; readonly bytes: Buffer; readonly folder: string }> {
  const folder = await tempFolder();
  const bytes = randomBytes(size);
  const path = join(folder, "original");
  await writeFile(path, bytes);
  return { path, bytes, folder };
}

/** Downloads and serves until the test is over; its events so far and to come. */
function serving(sources: readonly string[], out: string, options: ServeWhileOptions = {}) {
  const shared = new SharedFiles();
  const download = downloadFile(sources, { out, shared, catalogue: false });
  const events = serveWhile(download, shared, options).pipe(shareReplay({ bufferSize: 1000, refCount: false }));
  const running = events.subscribe({ error: () => undefined });
  onTestFinished(() => running.unsubscribe());
  const url = firstValueFrom(
    events.pipe(
      map((event) => (event.type === "listening" ? event.url : undefined)),
      filter((found) => found !== undefined),
    ),
  );
  return { events, url };
}

it("A download is served while it runs: a second one that knows nobody else is whole when the first is", async () => {
  const { path, bytes, folder } = await original();
  const { link, root } = await seedFile(path, { limitRate: size });
  const first = serving([link], join(folder, "first"));
  const out = join(folder, "second");
  const seen = await lastValueFrom(
    downloadFile(`${await first.url}/${root}`, { out, catalogue: false }).pipe(toArray()),
  );
  expect(seen.at(-1)?.type).toBe("download-completed");
  expect(bytes.equals(await readFile(out))).toBe(true);
});

it("A file goes on being served under its name, and by no other bytes than those that were verified", async () => {
  const { path, bytes, folder } = await original();
  const { link, root, stop } = await seedFile(path);
  const out = join(folder, "first");
  const first = serving([link], out);
  await firstValueFrom(first.events.pipe(filter(({ type }) => type === "download-completed")));
  stop.unsubscribe();
  const copy = join(folder, "second");
  await lastValueFrom(downloadFile(`${await first.url}/${root}`, { out: copy, catalogue: false }));
  expect(bytes.equals(await readFile(copy))).toBe(true);
  await writeFile(out, "another file");
  const third = downloadFile(`${await first.url}/${root}`, { out: join(folder, "third"), catalogue: false });
  await expect(lastValueFrom(third)).rejects.toMatchObject({ code: "RESOURCE_CHANGED" });
});

it("Whoever is connected to a download that is paused and resumed hears that nothing is there, and then what is", async () => {
  const { path, folder } = await original();
  const { link, root } = await seedFile(path, { limitRate: size / 2 });
  const shared = new SharedFiles();
  const pauseWhen = new Subject<void>();
  const download = downloadFile(link, { out: join(folder, "first"), shared, catalogue: false, pauseWhen });
  const server = serveWhile(NEVER, shared).pipe(shareReplay({ bufferSize: 10, refCount: true }));
  const running = server.subscribe();
  onTestFinished(() => running.unsubscribe());
  const listening = await firstValueFrom(server.pipe(filter((event) => event.type === "listening")));
  const peer = new WebSocketPeer(`${listening.url}/${root}`, { dial: dialNode(), idleMs: 60_000 });
  onTestFinished(() => peer.close());
  const first = lastValueFrom(download);
  await lastValueFrom(peer.manifest(sha256).pipe(retry({ delay: 50 })));
  const has = (): number[] => Array.from({ length: 16 }, (_, chunk) => chunk).filter((chunk) => peer.has(chunk));
  await expect.poll(() => peer.isPartial && has().length > 0).toBe(true);
  pauseWhen.next();
  expect((await first).type).toBe("download-paused");
  await expect.poll(has).toEqual([]);
  await lastValueFrom(download);
  await expect.poll(() => peer.isPartial).toBe(false);
});

it("Serving ends when the ratio is reached", async () => {
  const { path, folder } = await original();
  const { link, root } = await seedFile(path);
  const first = serving([link], join(folder, "first"), { ratio: 1 });
  const out = join(folder, "second");
  const served: number[] = [];
  const end = lastValueFrom(
    first.events.pipe(tap((event) => event.type === "chunk-served" && served.push(event.bytes))),
  );
  await lastValueFrom(downloadFile(`${await first.url}/${root}`, { out, catalogue: false }));
  await end;
  expect(served.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(size);
});

it("A file that is here already is served, and serving of 0 minutes ends with the download", async () => {
  const { path, folder } = await original();
  const { link } = await seedFile(path);
  const out = join(folder, "first");
  await lastValueFrom(downloadFile(link, { out, catalogue: false }));
  const events = await lastValueFrom(serving([link], out, { minutes: 0 }).events.pipe(toArray()));
  expect(events.map(({ type }) => type)).toEqual(["listening", "resolving", "download-started", "download-completed"]);
});

it("A client that comes before it is known what a file is, is asked to come back; one of another file is told that it is not here", () => {
  const shared = new SharedFiles();
  const expected = shared.expect("a");
  expect(() => shared.get("a")).toThrow(expect.objectContaining({ code: "PEER_BUSY", retryAfterMs: 1000 }));
  expect(shared.get("b")).toBeUndefined();
  expected.unsubscribe();
  expect(shared.get("a")).toBeUndefined();
});

it("Options of serveWhile are held to what they may be", () => {
  const download = downloadFile("http://127.0.0.1:1/a");
  expect(() => serveWhile(download, new SharedFiles(), { ratio: -1 })).toThrow("ratio is -1");
  expect(() => serveWhile(download, JSON.parse("{}") as SharedFiles)).toThrow("SharedFiles");
});

it("What is announced is what is shared, at the port of the server, for as long as that is open", async () => {
  const { path, folder } = await original();
  const { link, root } = await seedFile(path);
  const seen: string[] = [];
  let port = 0;
  const announce: Announcer = (at, roots) => {
    port = at;
    return roots.pipe(
      tap((all) => seen.push([...all].join())),
      switchMap((all) => [...all].map((each) => ({ type: "announced" as const, by: "dht" as const, root: each }))),
      finalize(() => seen.push("over")),
    );
  };
  const { events, url } = serving([link], join(folder, "first"), { announce, minutes: 0 });
  const all = await lastValueFrom(events.pipe(toArray()));
  expect(`${port}`).toBe(new URL(await url).port);
  expect(seen).toEqual(["", root, "", "over"]);
  expect(all).toContainEqual({ type: "announced", by: "dht", root });
});
