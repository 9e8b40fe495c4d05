import { existsSync, writeFileSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { concat, EMPTY, firstValueFrom, map, NEVER, type Observable, of, Subject, throwError, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Folders } from "../../../src/adapters/node/Folders.js";
import { fetchShort } from "../../../src/assembly/node/fetchShort.js";
import type { KnownFile } from "../../../src/discovery/KnownFile.js";
import type { Agreement } from "../../../src/download/Agreement.js";
import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { ByteRange, Peer } from "../../../src/peers/Peer.js";
import { answerWith, cleanUp, gone, type Heard, peerAt, serve } from "../../adapters/http/harness.js";
import { digestOfAll, manifestOf, plainOf, someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";

const file = someBytes(20_000);
const other = file.map((byte, at) => (at === 15_000 ? byte ^ 1 : byte));

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, "film");
});

afterEach(cleanUp);

interface Setting {
  readonly at?: string;
  readonly inside?: string;
  readonly folders?: Folders;
  readonly came?: (bytes: number) => void;
}

function short(known: KnownFile, { at = path, inside = folder, folders = new Folders(), came }: Setting = {}) {
  const backpressure = { came: came ?? (() => undefined) };
  return fetchShort(at, known, { folder: inside, folders, backpressure });
}

const from = ({ url }: Heard): Pick<KnownFile, "peers"> => ({ peers: of([peerAt(url)]) });
const emitted = async (known: KnownFile, setting?: Setting) => {
  const end = await firstValueFrom(short(known, setting));
  return "events" in end ? end.events : undefined;
};

/** The bytes of one chunk, as the first peer that a short file is left with has them. */
async function leftWith(known: KnownFile, setting?: Setting) {
  const end = await firstValueFrom(short(known, setting));
  const [peer] = "peers" in end ? await firstValueFrom(end.peers) : [];
  if (peer === undefined) throw new Error("expected peers");
  return Buffer.concat(await firstValueFrom(peer.request(chunkOf(0, file.length)).pipe(toArray())));
}

const chunkOf = (position: number, length: number) => ({ chunk: 0, offset: position, position, length });

/** A peer of this process, as mirrors are. */
function peerOf(request: Peer["request"]): Pick<KnownFile, "peers"> {
  return { peers: of([{ id: "A", ranges: true, connectsEach: true, request }]) };
}

describe("a short file", () => {
  it("A short file that comes whole is stored under its name, with the events of a download and nothing beside it", async () => {
    const server = await serve(answerWith(file));
    let came = 0;
    const events = await emitted({ facts: plainOf(file, 1000), ...from(server) }, { came: (bytes) => (came += bytes) });
    expect(Buffer.from(file).equals(await readFile(path))).toBe(true);
    expect(await readdir(folder)).toEqual(["film"]);
    expect(events).toMatchObject([
      { type: "download-started", resumedBytes: 0 },
      { type: "download-completed", account: { done: 20_000, verified: 0, received: 20_000, integrity: "none" } },
    ]);
    expect([came, server.requests.length]).toEqual([20_000, 1]);
  });

  it("A short file is verified by the digests of its chunks and of its whole, where there are any", async () => {
    const server = await serve(answerWith(file));
    const facts = { ...(await manifestOf(file, 1000)), whole: { type: "sha-256", bytes: digestOfAll(file) } as const };
    const events = await emitted({ facts, ...from(server) });
    expect(events?.at(-1)).toMatchObject({ account: { verified: 20_000, integrity: "chunks" } });
  });

  it.each<readonly [string, () => Promise<KnownFile["facts"]>]>([
    ["of one chunk", () => manifestOf(file, 1000)],
    [
      "of the whole",
      () => Promise.resolve(plainOf(file, 1000, { whole: { type: "sha-256", bytes: digestOfAll(file) } })),
    ],
  ])("A short file that has another digest %s is not stored", async (_of, factsOf) => {
    const server = await serve(answerWith(other));
    expect(await emitted({ facts: await factsOf(), ...from(server) })).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it("A short file whose answer breaks off is not stored", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(206, { "content-range": "bytes 0-19999/20000", "content-length": 20_000 });
      response.write(file.subarray(0, 9000), () => response.destroy());
    });
    expect(await emitted({ facts: plainOf(file, 1000), ...from(server) })).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it("A short file of which a peer brings fewer bytes or more than it has is not stored", async () => {
    for (const bytes of [file.subarray(1), Buffer.concat([file, Buffer.alloc(1)])]) {
      expect(await emitted({ facts: plainOf(file, 1000), ...peerOf(() => of(bytes)) })).toBeUndefined();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("A short file that takes longer than a second is left to the ordinary download, and its request ends", () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold<Uint8Array>("a 1200ms |", { a: file.subarray(0, 9000) });
      const end = short({ facts: plainOf(file, 1000), ...peerOf(() => slow) });
      expectObservable(end.pipe(map((told) => "peers" in told))).toBe("1s (t|)", { t: true });
      expectSubscriptions(slow.subscriptions).toBe("^ 999ms !");
    });
  });

  it.each(["", ".part", ".part.json", ".part.lock", ".part.old"])(
    "A short file is not asked for where film%s tells of an earlier run or of another file",
    async (ending) => {
      await writeFile(path + ending, "here");
      const server = await serve(answerWith(file));
      expect(await emitted({ facts: plainOf(file, 1000), ...from(server) })).toBeUndefined();
      expect(await readFile(path + ending, "utf8")).toBe("here");
      expect(server.requests).toEqual([]);
    },
  );

  it("A short file never replaces one that took its name while it came", async () => {
    const server = await serve((request, response) => {
      writeFileSync(path, "another's");
      answerWith(file)(request, response);
    });
    expect(await emitted({ facts: plainOf(file, 1000), ...from(server) })).toBeUndefined();
    expect(await readFile(path, "utf8")).toBe("another's");
    expect(await readdir(folder)).toEqual(["film"]);
  });

  it.each([
    ["is larger than 256 KiB", { facts: plainOf(someBytes(262_145), 262_144) }],
    ["is empty", { facts: plainOf(new Uint8Array(), 1000) }],
    ["has a size that nobody told", { facts: plainOf(file, 1000), unsized: peerAt("http://127.0.0.1:9/film") }],
  ])("A file that %s is no short file, and nobody is asked for it", async (_how, known) => {
    const asked = peerOf(() => throwError(() => new Error("asked")));
    const peers: Observable<readonly Peer[]> = asked.peers;
    expect(await emitted({ ...known, peers })).toBeUndefined();
  });

  it("A short file is asked only of a peer whose requests have connections of their own", async () => {
    let asked = 0;
    const request = (): Observable<Uint8Array> => {
      asked += 1;
      return of(file);
    };
    const peers = of([{ id: "A", ranges: true, request }]);
    expect(await emitted({ facts: plainOf(file, 1000), peers })).toBeUndefined();
    expect(await emitted({ facts: plainOf(file, 1000), peers: of([]) })).toBeUndefined();
    expect(asked).toBe(0);
  });
});

describe("what came of a file that was no short one", () => {
  it("The bytes of an answer that broke off count when the download reads them, with its failure, and only the rest is asked for", async () => {
    const asked: ByteRange[] = [];
    const breaksOff = peerOf((range) => {
      asked.push(range);
      if (asked.length > 1) return of(file.subarray(range.position));
      return concat(
        of(file.subarray(0, 9000)),
        throwError(() => new DownloadError("CONNECTION_LOST", "A: gone")),
      );
    });
    const came: number[] = [];
    const known = { facts: plainOf(file, 20_000), ...breaksOff };
    const end = await firstValueFrom(short(known, { came: (n) => came.push(n) }));
    const [peer] = "peers" in end ? await firstValueFrom(end.peers) : [];
    const seen: unknown[] = [];
    peer
      ?.request(chunkOf(0, 20_000))
      .subscribe({ next: ({ length }) => seen.push(length), error: (e: unknown) => seen.push(e) });
    expect(seen).toEqual([9000, expect.objectContaining({ code: "CONNECTION_LOST" })]);
    peer?.request(chunkOf(9000, 11_000)).subscribe(({ length }) => seen.push(length));
    expect(seen).toHaveLength(3);
    expect(asked).toEqual([chunkOf(0, 20_000), chunkOf(9000, 11_000)]);
    expect(came).toEqual([9000, -9000]);
  });

  it("A file that has more bytes than it should is asked for anew", async () => {
    let asked = 0;
    const peers = peerOf(() => of((asked += 1) === 1 ? Buffer.concat([file, file]) : file));
    expect((await leftWith({ facts: plainOf(file, 20_000), ...peers })).equals(file)).toBe(true);
    expect(asked).toBe(2);
  });

  it.each(["EPERM", "ENOTSUP", "ENOSYS"])(
    "A file whose folder takes no links (%s) is fetched once, and the next one there is left to the ordinary download at once",
    async (code) => {
      const folders = new Folders(() => {
        throw Object.assign(new Error(`${code}: link`), { code });
      });
      let asked = 0;
      const peers = peerOf(() => {
        asked += 1;
        return of(file);
      });
      const known = { facts: plainOf(file, 20_000), ...peers };
      expect((await leftWith(known, { folders })).equals(file)).toBe(true);
      expect([asked, await readdir(folder)]).toEqual([1, []]);
      expect(await emitted(known, { folders, at: join(folder, "next") })).toBeUndefined();
      expect(asked).toBe(1);
    },
  );
});

describe("a short file and the disk", () => {
  it("A short file whose draft the disk refuses is left to the ordinary download, and leaves nothing", async () => {
    const server = await serve(answerWith(file));
    // Its own name is short enough, and that of a draft is not.
    const at = join(folder, "f".repeat(250));
    expect(await emitted({ facts: plainOf(file, 1000), ...from(server) }, { at })).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it("A short file does not leave its folder through a link", async () => {
    const elsewhere = await tempFolder();
    await symlink(elsewhere, join(folder, "link"));
    const server = await serve(answerWith(file));
    const at = join(folder, "link", "film");
    expect(await emitted({ facts: plainOf(file, 1000), ...from(server) }, { at })).toBeUndefined();
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it("A short file whose folder is not there is left to the ordinary download, which makes it", async () => {
    const server = await serve(answerWith(file));
    const at = join(folder, "new", "film");
    expect(await emitted({ facts: plainOf(file, 1000), ...from(server) }, { at })).toBeUndefined();
    expect([existsSync(dirname(at)), server.requests.length]).toEqual([false, 0]);
  });

  it("A short file that is left while it comes closes its connection, and nothing is stored", async () => {
    const begun = new Subject<void>();
    const server = await serve((_request, response) => {
      response.writeHead(206, { "content-range": "bytes 0-19999/20000", "content-length": 20_000 });
      response.write(file.subarray(0, 9000), () => begun.next());
    });
    const waited = firstValueFrom(begun);
    const left = short({ facts: plainOf(file, 1000), ...from(server) }).subscribe();
    await waited;
    left.unsubscribe();
    await gone(server.sockets);
    expect(await readdir(folder)).toEqual([]);
  });

  it("A short file that is left while it is stored is whole when that has ended, and nothing stands beside it", async () => {
    const server = await serve(answerWith(file));
    const syncs = new Subject<void>();
    class Watched extends Folders {
      override async sync(at: string): Promise<void> {
        syncs.next();
        await super.sync(at);
        syncs.complete();
      }
    }
    const stored = new Promise<void>((resolve) => syncs.subscribe({ complete: resolve }));
    const asked = firstValueFrom(syncs);
    const left = short({ facts: plainOf(file, 1000), ...from(server) }, { folders: new Watched() }).subscribe();
    await asked;
    left.unsubscribe();
    await stored;
    expect(Buffer.from(file).equals(await readFile(path))).toBe(true);
    expect(await readdir(folder)).toEqual(["film"]);
  });
});

describe("a short file of several mirrors", () => {
  const agreed = (agreement: Agreement): KnownFile => ({
    facts: plainOf(file, 1000),
    agreement,
    ...peerOf(() => of(file)),
  });
  const outvoted = new DownloadError("RESOURCE_CHANGED", "the others have another file");

  it("A short file is stored when its mirrors agree on it, and not before", async () => {
    const decided = new Subject<never>();
    let events: readonly DownloadEvent[] | undefined;
    const stored = new Promise<void>((resolve, reject) => {
      short(agreed(() => decided)).subscribe({
        next: (end) => (events = "events" in end ? end.events : undefined),
        complete: resolve,
        error: reject,
      });
    });
    expect(await readdir(folder)).toEqual([]);
    decided.complete();
    await stored;
    expect(events).toHaveLength(2);
    expect(await readdir(folder)).toEqual(["film"]);
  });

  it("A short file that is here waits for its mirrors, and tells them so", async () => {
    const isHere = await new Promise((resolve) => {
      short(
        agreed((here) => {
          here.subscribe({ complete: () => resolve(true) });
          return NEVER;
        }),
      ).subscribe();
    });
    expect(isHere).toBe(true);
  });

  it("A short file that is another one than its mirrors agree on is not stored, and the error says so", async () => {
    await expect(emitted(agreed(() => throwError(() => outvoted)))).rejects.toBe(outvoted);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["is stored and verified where it matches", file, 2],
    ["is not stored where it does not match", other, undefined],
  ])("A short file of which only a later mirror tells the digest %s", async (_how, of_, events) => {
    const whole = { type: "sha-256", bytes: digestOfAll(of_) } as const;
    const told = await emitted(agreed(() => concat(of(whole), EMPTY)));
    expect(told?.length).toBe(events);
    if (told !== undefined) expect(told.at(-1)).toMatchObject({ account: { integrity: "file", verified: 20_000 } });
    expect(await readdir(folder)).toEqual(told === undefined ? [] : [basename(path)]);
  });
});
