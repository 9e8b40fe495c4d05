import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { filter, firstValueFrom, ReplaySubject, tap } from "rxjs";
import { expect, it, onTestFinished } from "vitest";
import { downloadFile, type FileEvent } from "../../src/assembly/node/downloadFile.js";
import type { DownloadFileOptions } from "../../src/assembly/node/DownloadFileOptions.js";
import type { ServerEvent } from "../../src/adapters/websocket/serveWebSocket.js";
import { SharedFiles } from "../../src/seeder/SharedFiles.js";
import { serveWhile, type ServeWhileOptions } from "../../src/tools/serveWhile.js";
import { tempFolder } from "../tempFolder.js";
import { seedFile } from "./seedFile.js";

const mib = 1024 * 1024;

async function original(
  size: number,
): Promise<{ readonly path: string; readonly bytes: Buffer; readonly folder: string }> {
  const folder = await tempFolder();
  const bytes = randomBytes(size);
  const path = join(folder, "original");
  await writeFile(path, bytes);
  return { path, bytes, folder };
}

/** A download that serves until the test is over, and all that it says. */
class Member {
  readonly seen: (FileEvent | ServerEvent)[] = [];
  readonly out: string;
  readonly #events = new ReplaySubject<FileEvent | ServerEvent>(Infinity);

  constructor(link: string, out: string, options: DownloadFileOptions = {}, serving: ServeWhileOptions = {}) {
    this.out = out;
    const shared = new SharedFiles();
    const download = downloadFile(link, { out, shared, catalogue: false, ...options });
    const running = serveWhile(download, shared, serving)
      .pipe(tap((event) => this.seen.push(event)))
      .subscribe(this.#events);
    onTestFinished(() => running.unsubscribe());
  }

  /** Peers that joined, by how they came to be known. */
  joined(by: string): readonly string[] {
    const ids = this.seen.flatMap((event) => (event.type === "peer-joined" && event.source === by ? [event.peer] : []));
    return [...new Set(ids)];
  }

  async url(): Promise<string> {
    const event = await firstValueFrom(this.#events.pipe(filter(({ type }) => type === "listening")));
    return event.type === "listening" ? event.url : "";
  }

  /** Bytes by peer, when it is whole. */
  async whole(): Promise<Readonly<Record<string, number>>> {
    const last = await firstValueFrom(this.#events.pipe(filter(({ type }) => type === "download-completed")));
    return last.type === "download-completed" ? last.account.bytesByPeer : {};
  }
}

it("Eight downloads that serve and know one link alone find each other, and get most of the file from each other", async () => {
  const size = 16 * mib;
  const { path, bytes, folder } = await original(size);
  const { link } = await seedFile(path, { limitRate: 4 * mib });
  const members = Array.from({ length: 8 }, (_, n) => new Member(link, join(folder, `copy${n}`)));
  const shares = await Promise.all(members.map((member) => member.whole()));
  const urls = await Promise.all(members.map((member) => member.url()));
  const origin = link.slice(0, link.lastIndexOf("/"));
  for (const [n, member] of members.entries()) {
    expect(bytes.equals(await readFile(member.out))).toBe(true);
    expect(member.joined("link")).toEqual([origin]);
    const others = urls.filter((url) => url !== urls[n]);
    expect(member.joined("exchange").toSorted()).toEqual(others.toSorted());
  }
  const ofOrigin = shares.reduce((sum, share) => sum + (share[origin] ?? 0), 0);
  expect(ofOrigin).toBeLessThan(size * 4);
});
