import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, tap, toArray } from "rxjs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Account, DownloadEvent, DownloadEventOf } from "../../src/index.js";
import { downloadFile, type DownloadFileOptions } from "../../src/node.js";
import { seedFile, tempFolder } from "../cli/runCli.js";
import { contentOf } from "../lab/content.js";
import type { Fault } from "../lab/Exchange.js";
import { FaultServer } from "../lab/FaultServer.js";
import { rate } from "../lab/faults/pace.js";
import { ignoresRange } from "../lab/faults/ranges.js";
import { metalinkOf } from "../lab/metalinkOf.js";
import { serve } from "../lab/serve.js";

const size = 4 * 1024 * 1024 + 321;
const bytesPerSecond = 2_000_000;
let folder: string;
let dir: string;
let film: string;
let bytes: Buffer;

beforeEach(async () => {
  folder = await tempFolder();
  dir = join(folder, "target");
  film = join(folder, "film.mkv");
  bytes = randomBytes(size);
  await mkdir(dir);
  await writeFile(film, bytes);
});

/** An HTTP mirror of some bytes, which a test may end early. */
async function mirror(file: Buffer, ...faults: readonly Fault[]): Promise<FaultServer> {
  const server = await FaultServer.start(serve(contentOf(file), {}, ...faults), { host: "127.0.0.3" });
  onTestFinished(() => server.close());
  return server;
}

const placeOf = (link: string): string => link.slice(0, link.lastIndexOf("/"));
const isRight = async (): Promise<boolean> => bytes.equals(await readFile(join(dir, "film.mkv")));

function run(sources: readonly string[], options: DownloadFileOptions = {}, onEvent?: (event: DownloadEvent) => void) {
  return lastValueFrom(
    downloadFile(sources, { dir, ...options }).pipe(
      tap((event) => onEvent?.(event)),
      toArray(),
    ),
  );
}

function accountOf(events: readonly DownloadEvent[]): Account {
  const last = events.at(-1);
  if (last?.type !== "download-completed") throw new Error(`the last event is ${JSON.stringify(last)}`);
  return last.account;
}

describe("a seeder and a mirror", () => {
  it("serve one file together, with the manifest of the seeder", async () => {
    const { link } = await seedFile(film, { limitRate: bytesPerSecond });
    const { url } = await mirror(bytes, rate(bytesPerSecond / 4));
    const account = accountOf(await run([link, url]));
    expect(await isRight()).toBe(true);
    expect(account).toMatchObject({ integrity: "chunks", verified: size });
    expect(account.bytesByPeer[url]).toBeGreaterThan(0);
    expect(account.bytesByPeer[placeOf(link)]).toBeGreaterThan(0);
  });

  it("serve one file together that a .meta4 describes", async () => {
    const { link, root } = await seedFile(film, { limitRate: bytesPerSecond });
    const { url } = await mirror(bytes, rate(bytesPerSecond / 4));
    const metalink = join(folder, "film.meta4");
    await writeFile(metalink, metalinkOf(contentOf(bytes), "film.mkv", [link, url]));
    const events = await run([metalink]);
    expect(await isRight()).toBe(true);
    expect(events.find(({ type }) => type === "download-started")).toMatchObject({ manifest: { root } });
    const { bytesByPeer } = accountOf(events);
    expect(Object.keys(bytesByPeer).sort()).toEqual([url, placeOf(link)].sort());
    expect(Math.min(...Object.values(bytesByPeer))).toBeGreaterThan(0);
  });

  it("of which the mirror has another file of that size give the right one, and the mirror is not asked again", async () => {
    const { link } = await seedFile(film, { limitRate: bytesPerSecond });
    const { url } = await mirror(randomBytes(size), rate(bytesPerSecond));
    const events = await run([link, url]);
    expect(await isRight()).toBe(true);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "peer-quarantined", peer: url, code: "CHECKSUM_MISMATCH" }),
    );
  });

  it("of which the mirror has a file of another size give the right one, and no byte of the mirror's is taken", async () => {
    const { link } = await seedFile(film, { limitRate: bytesPerSecond });
    const { url } = await mirror(randomBytes(size + 1), rate(bytesPerSecond));
    const events = await run([link, url]);
    expect(await isRight()).toBe(true);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "peer-excluded", peer: url, code: "RESOURCE_CHANGED" }),
    );
    expect(accountOf(events).bytesByPeer).not.toHaveProperty([url]);
  });

  it("of which the mirror sends only whole files are the seeder alone, until that is gone", async () => {
    const { link, stop } = await seedFile(film, { limitRate: bytesPerSecond });
    const server = await mirror(bytes, ignoresRange());
    const verified: DownloadEventOf<"chunk-verified">[] = [];
    const retry = { initialBackoffMs: 10, maxBackoffMs: 20 };
    const events = await run([link, server.url], { retry }, (event) => {
      if (event.type === "chunk-verified" && verified.push(event) === 4) stop.unsubscribe();
    });
    expect(await isRight()).toBe(true);
    const { bytesByPeer } = accountOf(events);
    for (const { peers } of verified.slice(0, 4)) expect(peers).not.toHaveProperty([server.url]);
    expect(bytesByPeer[server.url]).toBeGreaterThan(0);
    expect(bytesByPeer[placeOf(link)]).toBeGreaterThan(0);
  });
});
