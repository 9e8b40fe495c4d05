import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { lastValueFrom, Subject, tap, toArray } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DownloadEvent } from "../../../src/index.js";
import { downloadFile, type DownloadFileOptions } from "../../../src/node.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const bytes = randomBytes(6 * 1024 * 1024);
/** Wrong in each MiB, where nobody looks who compares mirrors. */
const damaged = Buffer.from(bytes);
for (let at = 500_000; at < bytes.length; at += 1024 * 1024) damaged.fill(0, at, at + 10);
const base64 = (type: string, file: Buffer = bytes) => createHash(type).update(file).digest("base64");
const hex = (type: string, file: Buffer = bytes) => createHash(type).update(file).digest("hex");

let dir: string;

beforeEach(async () => {
  dir = await tempFolder();
});

afterEach(cleanUp);

const run = (source: string | readonly string[], options: DownloadFileOptions = {}) =>
  lastValueFrom(downloadFile(source, { dir, catalogue: false, ...options }).pipe(toArray()));
const mirror = (headers: Readonly<Record<string, string>> = {}, file: Buffer = bytes) =>
  serve(answerWith(file, { etag: '"v1"', ...headers }), { path: "/film.mkv" });
/** A good answer that comes slowly, so that there is something left for others. */
const slowly =
  (answer: RequestListener): RequestListener =>
  (request, response) =>
    void setTimeout(() => answer(request, response), 200);
const isHere = async (): Promise<boolean> => bytes.equals(await readFile(join(dir, "film.mkv")));
const noticesIn = (events: readonly DownloadEvent[]) =>
  events.flatMap((event) => (event.type === "notice" || event.type === "mirror-refused" ? [event.message] : []));
const joined = (events: readonly DownloadEvent[]) =>
  events.flatMap((event) => (event.type === "mirror-compared" ? [event.peer] : []));

/** A Metalink of the file with pieces of a MiB. */
function described({
  urls = [],
  type = "sha1",
}: {
  readonly urls?: readonly string[];
  readonly type?: string;
}): string {
  const pieces = Array.from({ length: 6 }, (_, n) => hex(type, bytes.subarray(n * 1024 * 1024, (n + 1) * 1024 * 1024)));
  return `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="film.mkv"><size>${bytes.length}</size>
    <hash type="sha-256">${hex("sha256")}</hash><pieces length="1048576" type="${type}">
    ${pieces.map((piece) => `<hash>${piece}</hash>`).join("")}</pieces>
    ${urls.map((url) => `<url>${url}</url>`).join("")}</file></metalink>`;
}
const document = (text: string, type = "application/metalink4+xml", path = "/film") =>
  serve(answerWith(Buffer.from(text), { "content-type": `${type}; charset=utf-8` }), { path });

describe("a plain address whose answer tells a digest", () => {
  it.each([
    ["Digest", { digest: `SHA-256=${base64("sha256")}` }],
    ["Repr-Digest", { "repr-digest": `sha-512=:${base64("sha512")}:` }],
  ])("A file whose server tells its digest by %s is verified by it, without being asked to", async (_, headers) => {
    const { url } = await mirror(headers);
    const events = await run(url);
    expect(await isHere()).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "download-completed", account: { integrity: "file" } });
    expect((await run(url)).at(-1)).toMatchObject({ account: { received: 0, integrity: "file" } });
  });

  it("A Content-Digest of each part says nothing of the file", async () => {
    const { url } = await serve(
      (request, response) => {
        const send = answerWith(bytes, { "content-digest": `sha-256=:${base64("sha256", Buffer.from("a part"))}:` });
        send(request, response);
      },
      { path: "/film.mkv" },
    );
    expect((await run(url)).at(-1)).toMatchObject({ account: { integrity: "none" } });
    expect(await isHere()).toBe(true);
  });

  it("A file that is not what its server tells is CHECKSUM_MISMATCH, and without discovery nobody asks", async () => {
    const { url } = await mirror({ digest: `SHA-256=${base64("sha256", damaged)}` });
    await expect(run(url)).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
    expect((await run(url, { discovery: false })).at(-1)).toMatchObject({ account: { integrity: "none" } });
    expect(await isHere()).toBe(true);
  });

  it("A checksum that is given goes before the one that is told", async () => {
    const { url } = await mirror({ digest: `SHA-256=${base64("sha256", damaged)}` });
    const events = await run(url, { checksum: `sha-1=${hex("sha1")}` });
    expect(events.at(-1)).toMatchObject({ account: { integrity: "weak", checks: { whole: "sha-1" } } });
  });

  it("The redirect of a hub tells the SHA-256 of what it leads to", async () => {
    const store = await mirror({ etag: '"other"' });
    const linked = { "x-linked-etag": `"${hex("sha256")}"`, "x-linked-size": String(bytes.length) };
    const hub = await serve((_, response) => response.writeHead(302, { location: store.url, ...linked }).end(), {
      path: "/film.mkv",
    });
    expect((await run(hub.url)).at(-1)).toMatchObject({ account: { integrity: "file" } });
    expect(await isHere()).toBe(true);
  });
});

describe("a plain address whose answer names mirrors", () => {
  it("Mirrors that the first answer names are compared and help; nothing is said of them", async () => {
    const b = await mirror();
    const link = `<${b.url}>; rel=duplicate; pri=1; geo=de`;
    const a = await serve(slowly(answerWith(bytes, { etag: '"v1"', link })), { path: "/film.mkv" });
    const events = await run(a.url);
    expect(await isHere()).toBe(true);
    expect(joined(events)).toEqual([b.url]);
    expect(noticesIn(events)).toEqual([]);
    const account = events.at(-1);
    expect(account).toMatchObject({ type: "download-completed" });
    expect(account?.type === "download-completed" ? Object.keys(account.account.bytesByPeer).sort() : []).toEqual(
      [a.url, b.url].sort(),
    );
  });

  it("A mirror that is named and has another file is refused, and the file is right", async () => {
    const other = await mirror({}, randomBytes(bytes.length));
    const link = `<${other.url}>; rel=duplicate`;
    const a = await serve(slowly(answerWith(bytes, { etag: '"v1"', link })), { path: "/film.mkv" });
    const events = await run(a.url);
    expect(await isHere()).toBe(true);
    expect(noticesIn(events)).toEqual([expect.stringContaining("another file")]);
  });

  it("Without discovery nobody is asked who was only named", async () => {
    const b = await mirror();
    const { url } = await mirror({ link: `<${b.url}>; rel=duplicate` });
    await run(url, { discovery: false });
    expect(b.requests).toEqual([]);
  });
});

describe("a plain address that is described by a Metalink", () => {
  it("Its pieces find the bytes of a mirror that lies, in the same run", async () => {
    const liar = await mirror({}, damaged);
    const meta4 = await document(described({ urls: [liar.url] }));
    const link = `<${meta4.url}>; rel=describedby; type="application/metalink4+xml"`;
    const { url } = await serve(slowly(answerWith(bytes, { etag: '"v1"', link })), { path: "/film.mkv" });
    const events = await run(url, { retry: { maxChunksPerPeer: 1 } });
    expect(await isHere()).toBe(true);
    expect(events.at(-1)).toMatchObject({
      account: { integrity: "file", checks: { chunks: "sha-1", whole: "sha-256" } },
    });
    const quarantined = events.flatMap((event) => (event.type === "peer-quarantined" ? [event.peer] : []));
    expect(quarantined).toEqual([liar.url]);
  });

  it("A download that began with it goes on without it, and one that began without it goes on with it", async () => {
    const meta4 = await document(described({ type: "sha256" }));
    const { url } = await mirror({ link: `<${meta4.url}>; rel=describedby; type=application/metalink4+xml` });
    const begin = async (discovery: boolean) => {
      const pauseWhen = new Subject<void>();
      const part = downloadFile(url, {
        dir,
        catalogue: false,
        discovery,
        pauseWhen,
        retry: { maxConcurrentChunks: 1 },
      });
      const isDone = ({ type }: DownloadEvent) => type === "chunk-stored" || type === "chunk-verified";
      await lastValueFrom(part.pipe(tap((event) => isDone(event) && pauseWhen.next())));
    };
    for (const discovery of [true, false]) {
      await begin(discovery);
      const events = await run(url, { discovery: !discovery });
      expect(events.find(({ type }) => type === "download-started")).toMatchObject({
        resumedBytes: discovery ? (expect.any(Number) as number) : 0,
      });
      expect(events.at(-1)).toMatchObject({ account: { integrity: discovery ? "none" : "chunks" } });
      expect(await isHere()).toBe(true);
      await rm(join(dir, "film.mkv"));
    }
  });

  it("A Metalink that is not there costs nothing but the question", async () => {
    const gone = await serve((_, response) => response.writeHead(404).end(), { path: "/film.meta4" });
    const { url } = await mirror({ link: `<${gone.url}>; rel=describedby; type="application/metalink4+xml"` });
    const events = await run(url);
    expect(gone.requests).toHaveLength(1);
    expect(noticesIn(events)).toEqual([]);
    expect(await isHere()).toBe(true);
  });
});

describe("an address whose answer is a Metalink", () => {
  it.each(["application/metalink4+xml", "application/metalink+xml"])(
    "An address whose answer is of the type %s is read as one, whatever its name",
    async (type) => {
      const { url } = await mirror();
      const { url: address } = await document(described({ urls: [url] }), type, "/download?id=7");
      const events = await run(address);
      expect(await isHere()).toBe(true);
      expect(events.at(-1)).toMatchObject({ account: { integrity: "file" } });
      expect(noticesIn(events)).toEqual([]);
    },
  );

  it("One of its files can be selected, and none of a file that is no Metalink", async () => {
    const { url } = await mirror();
    const two = described({ urls: [url] }).replace(
      "</metalink>",
      '<file name="other"><size>1</size></file></metalink>',
    );
    const { url: address } = await document(two);
    await run(address, { select: "film.mkv" });
    expect(await isHere()).toBe(true);
    await expect(run(address)).rejects.toMatchObject({ code: "INVALID_MANIFEST" });
    await expect(run(url, { select: "film.mkv" })).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: `select is "film.mkv"; it chooses from a Metalink, and ${url} is none`,
    });
  });
});

describe("a checksum out of a list", () => {
  it("The digest of a file is found by its name, in a list by its address or path", async () => {
    const { url } = await mirror();
    const text = `${hex("sha256", damaged)}  film.mp4\n${hex("sha256")} *film.mkv\n`;
    const list = await serve(answerWith(Buffer.from(text)), { path: "/SHA256SUMS" });
    expect((await run(url, { checksum: list.url })).at(-1)).toMatchObject({ account: { integrity: "file" } });
    await writeFile(join(dir, "sums"), text.replace("film.mkv", "other.mkv"));
    await expect(run(url, { checksum: join(dir, "sums") })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: `${join(dir, "sums")} has no digest of "film.mkv", it has "film.mp4", "other.mkv"`,
    });
    await expect(run(url, { checksum: join(dir, "none") })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
