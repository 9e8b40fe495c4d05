import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer, type AddressInfo } from "node:net";
import { filter, firstValueFrom, lastValueFrom, of, ReplaySubject, tap, toArray } from "rxjs";
import { expect, it, onTestFinished } from "vitest";
import { downloadFile, type FileEvent } from "../../src/assembly/node/downloadFile.js";
import type { DownloadFileOptions } from "../../src/assembly/node/DownloadFileOptions.js";
import { freePort } from "../../bench/freePort.js";
import type { ServerEvent } from "../../src/adapters/websocket/serveWebSocket.js";
import type { AnnouncedEvent } from "../../src/seeder/Announcer.js";
import { SharedFiles } from "../../src/seeder/SharedFiles.js";
import { serveWhile, type ServeWhileOptions } from "../../src/tools/serveWhile.js";
import { cleanUp, scripted } from "../adapters/websocket/harness.js";
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

/** A scripted peer that knows of peer exchange. */
const telling: Parameters<typeof scripted>[1] = {
  hello: false,
  onConnection: (client) => {
    const limits = { frameBytes: 65_536, requests: 16 };
    client.say({ type: "hello", version: 1, limits, features: ["peers"] });
  },
};

type MemberEvent = FileEvent | ServerEvent | AnnouncedEvent;

/** A download that serves until the test is over, and all that it says. */
class Member {
  readonly seen: MemberEvent[] = [];
  readonly out: string;
  readonly #events = new ReplaySubject<MemberEvent>(Infinity);

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

it("A download that is not shared, or keeps out of peer exchange, asks whom it was told to ask alone, and is told of to nobody", async () => {
  const { path, folder } = await original(2 * mib);
  const { link } = await seedFile(path, { limitRate: mib });
  const origin = link.slice(0, link.lastIndexOf("/"));
  const taking = new Member(link, join(folder, "taking"));
  const keepingOut = new Member(link, join(folder, "out"), { exchange: false });
  const secret = new Member(link, join(folder, "secret"), {}, { token: "secret" });
  const plain = lastValueFrom(downloadFile(link, { out: join(folder, "plain"), catalogue: false }).pipe(toArray()));
  const told = lastValueFrom(
    downloadFile(link, { out: join(folder, "told"), catalogue: false, exchange: true }).pipe(toArray()),
  );
  const joined = (events: readonly FileEvent[]) =>
    new Set(events.flatMap((event) => (event.type === "peer-joined" ? [event.peer] : [])));
  expect(joined(await plain)).toEqual(new Set([origin]));
  expect(joined(await told)).toEqual(new Set([origin, await taking.url()]));
  await Promise.all([taking, keepingOut, secret].map((member) => member.whole()));
  expect(taking.joined("exchange")).toEqual([]);
  expect(keepingOut.joined("exchange")).toEqual([]);
  expect(secret.joined("exchange")).toEqual([await taking.url()]);
});

it("Downloads that found each other finish without the seeder that told them of each other", async () => {
  const size = 4 * mib;
  const { path, bytes, folder } = await original(size);
  const { link, stop } = await seedFile(path, { limitRate: mib });
  const first = new Member(link, join(folder, "first"), { limitRate: 2 * mib });
  const second = new Member(link, join(folder, "second"), { limitRate: mib / 2 });
  await first.whole();
  await expect.poll(() => second.joined("exchange")).toEqual([await first.url()]);
  stop.unsubscribe();
  const shares = await second.whole();
  expect(bytes.equals(await readFile(second.out))).toBe(true);
  expect(shares[await first.url()]).toBeGreaterThan(0);
});

it("A peer that tells of thousands who are not there, or are none, costs a download nothing but dials", async () => {
  const size = 4 * mib;
  const { path, bytes, folder } = await original(size);
  const { link, root } = await seedFile(path, { limitRate: 2 * mib });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  let dials = 0;
  closed.on("connection", (socket) => {
    dials += 1;
    socket.destroy();
  });
  onTestFinished(() => void closed.close());
  const { port } = closed.address() as AddressInfo;
  const liar = await scripted((message, client) => {
    if (message.type !== "get-chunk") return;
    const nonsense = ["", "ws://localhost:1", "http://127.0.0.1:1", "ws://127.0.0.1:1/path"];
    for (let net = 0; net < 100; net += 1) {
      const places = Array.from({ length: 45 }, (_, host) => `ws://127.1.${net}.${host + 1}:${port}`);
      client.say({ type: "peers", root, places: [...nonsense, ...places, `ws://127.0.0.1:${port}`] });
    }
    client.say({ type: "error", id: message.id, code: "CHUNK_NOT_AVAILABLE", message: "not here" });
  }, telling);
  onTestFinished(cleanUp);
  const member = new Member(link, join(folder, "copy"), { peers: of([liar.url]) });
  await member.whole();
  expect(bytes.equals(await readFile(member.out))).toBe(true);
  expect(member.joined("link")).toHaveLength(2);
  expect(member.joined("exchange")).toEqual([]);
  expect(dials).toBe(1);
});

it("A download that is led to itself, by its own words or by others, is no peer of itself: it hangs up, once, and nobody has failed", async () => {
  const { path, bytes, folder } = await original(4 * mib);
  const { link, root } = await seedFile(path, { limitRate: 2 * mib });
  const port = await freePort("127.0.0.1");
  const [named, told] = [`ws://127.0.0.1:${port}`, `ws://127.0.0.7:${port}`];
  const teller = await scripted((message, client) => {
    if (message.type !== "serving") return;
    client.say({ type: "have", root, chunks: new Uint8Array(2) });
    client.say({ type: "peers", root, places: [told] });
  }, telling);
  onTestFinished(cleanUp);
  const member = new Member(link, join(folder, "copy"), { peers: of([named, teller.url]) }, { host: "0.0.0.0", port });
  await member.whole();
  expect(bytes.equals(await readFile(member.out))).toBe(true);
  expect(member.joined("link").toSorted()).toEqual([link.slice(0, link.lastIndexOf("/")), teller.url].toSorted());
  expect(member.joined("exchange")).toEqual([]);
  const seen = (type: MemberEvent["type"]) => member.seen.filter((event) => event.type === type);
  expect(seen("connection-opened")).toHaveLength(2);
  expect(seen("attempt-failed")).toEqual([]);
});

it("Downloads that each serve at one of several addresses are told of by it, and get the file from each other", async () => {
  const { path, folder } = await original(8 * mib);
  const { link } = await seedFile(path, { limitRate: 2 * mib });
  const hosts = ["127.0.0.3", "127.0.0.4"];
  const members = hosts.map((host) => new Member(link, join(folder, host), {}, { host }));
  const shares = await Promise.all(members.map((member) => member.whole()));
  const [first = "", second = ""] = await Promise.all(members.map((member) => member.url()));
  expect(members.map((member) => member.joined("exchange"))).toEqual([[second], [first]]);
  expect((shares[0]?.[second] ?? 0) + (shares[1]?.[first] ?? 0)).toBeGreaterThan(0);
});

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
