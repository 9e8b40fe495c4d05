import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom, lastValueFrom, map, type Observable, of, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import type { HttpAnswer } from "../../src/adapters/http/HttpAnswer.js";
import type { HttpRequest } from "../../src/adapters/http/HttpRequest.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { writeMetalink } from "../../src/adapters/metalink/writeMetalink.js";
import { type ResolveConfig, resolveSources } from "../../src/discovery/resolveSources.js";
import { parseSources, type Source } from "../../src/discovery/parseSources.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { buildManifest } from "../../src/manifest/buildManifest.js";
import { readMetalinkSource } from "../../src/tools/readMetalinkSource.js";
import { tempFolder } from "../tempFolder.js";
import { discoveryFor } from "./discoveryFor.js";

const root = "ab".repeat(32);
const other = "cd".repeat(32);
const document = (...files: readonly string[]) => `<metalink>${files.join("")}</metalink>`;
const plain = `<file name="a"><size>5</size><hash type="sha-256">${other}</hash>
  <url priority="2">https://one.example/a</url><url priority="1">https://Two.example:443/a</url></file>`;

const resolved = (given: readonly Source[], config: Partial<ResolveConfig> = {}) =>
  firstValueFrom(
    resolveSources(parseSources(given), {
      read: reading(throwError(() => new Error("nothing to fetch"))),
      ...config,
    }),
  );

/** Reads metalinks of which the server at their URL says this. */
const reading = (said: Observable<string>): ResolveConfig["read"] => {
  const send = ({ url }: HttpRequest): Observable<HttpAnswer> =>
    said.pipe(map((text) => ({ status: 200, headers: {}, url, body: of(Buffer.from(text)) })));
  const connect = () => ({ send, renew: () => undefined, close: () => undefined });
  return (metalink) => readMetalinkSource(metalink, { http: { connect } }, discoveryFor());
};
/** Addresses as a Metalink in the same network names them. */
const named = (...urls: readonly string[]) =>
  urls.map((url) => ({ url, publicOnly: false, source: "metalink" as const }));
const withText = (xml: string) => ({ read: reading(of(xml)) });
const manifestOf = (name: string) =>
  lastValueFrom(of(Buffer.from("hello")).pipe(buildManifest({ name, size: 5 }, sha256)));
/** On a host of the same network as those that it names. */
const url = "https://depot/a.meta4";

describe("resolveSources", () => {
  it("Sources that need no reading are passed on", async () => {
    expect(await resolved([`ws://a:1/${root}`, "http://b/f"])).toEqual({
      root,
      places: ["ws://a:1"],
      mirrors: ["http://b/f"],
    });
    expect(await resolved(["http://b/f"])).toEqual({ places: [], mirrors: ["http://b/f"] });
  });

  it("The words of a metalink are joined with the other sources, the best address first, each once", async () => {
    const manifest = await manifestOf("a.iso");
    const xml = writeMetalink(manifest, [
      `ws://a:1/${manifest.root}`,
      "http://m/a.iso",
      `ws://b:2/${root}`,
      "ws://c:3",
      "ws://d:4/films",
      "http://n/a.iso",
    ]);
    expect(await resolved([url, `ws://c:3/${manifest.root}`, "http://n/a.iso"], withText(xml))).toEqual({
      name: "a.iso",
      size: 5,
      manifest,
      root: manifest.root,
      places: ["ws://c:3", "ws://a:1"],
      mirrors: ["http://n/a.iso", "http://m/a.iso"],
      named: named("ws://a:1", "http://m/a.iso"),
    });
  });

  it("A metalink without piece hashes gives facts without a root", async () => {
    expect(await resolved([url], withText(document(plain)))).toEqual({
      name: "a",
      size: 5,
      hash: { type: "sha-256", hex: other },
      places: [],
      mirrors: ["https://two.example/a", "https://one.example/a"],
      named: named("https://two.example/a", "https://one.example/a"),
    });
  });

  it("Where there are no piece hashes, the root comes from the first link", async () => {
    const links = `<url>ws://a:1/${root}</url><url>ws://b:2/${other}</url><url>ws://c:3/${root}</url>`;
    const xml = document(`<file name="a">${links}</file>`);
    expect(await resolved([url], withText(xml))).toMatchObject({ root, places: ["ws://a:1", "ws://c:3"] });
    expect(await resolved([url, other], withText(xml))).toMatchObject({ root: other, places: ["ws://b:2"] });
  });

  it("A document out there may name no addresses of this machine or its network, one that is there itself may", async () => {
    const links = [
      "http://127.0.0.1/a",
      "http://[::1]/a",
      "http://10.0.0.1/a",
      "http://localhost/a",
      "http://b.example/a",
    ];
    const xml = document(`<file name="a">${links.map((link) => `<url>${link}</url>`).join("")}</file>`);
    const of = async (from: string) => (await resolved([from], withText(xml))).mirrors;
    expect(await of("http://a.example/a.meta4")).toEqual(["http://b.example/a"]);
    expect(await of("http://127.0.0.1:8080/a.meta4")).toEqual(links);
  });

  it("A metalink in a file is read, and one that was read is taken", async () => {
    const path = join(await tempFolder(), "a.meta4");
    await writeFile(path, document(plain));
    const file = { name: "a", size: 5, urls: ["https://one.example/a"] };
    expect(await resolved([path])).toMatchObject({ hash: { type: "sha-256", hex: other } });
    expect(await resolved([file])).toEqual({
      ...{ name: "a", size: 5, places: [] },
      mirrors: ["https://one.example/a"],
      named: named("https://one.example/a"),
    });
  });

  it("Of several files in a metalink the selected one is taken, and none is chosen unasked", async () => {
    const xml = document(plain, '<file name="b"><size>7</size></file>');
    expect(await resolved([url], { ...withText(xml), select: "b" })).toMatchObject({ name: "b", size: 7 });
    expect(await resolved([url], { ...withText(xml), select: 1 })).toMatchObject({ name: "a" });
    await expect(resolved([url], withText(xml))).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: 'select is not given, and the metalink names several files: "a", "b"',
    });
    await expect(resolved([url], { ...withText(xml), select: "c" })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it.each([
    ["no address", ""],
    ["only addresses that we do not speak", "<url>ftp://a/b</url>"],
  ])("A file of which a metalink has neither a size nor an address is refused, for it has %s", async (_, urls) => {
    const xml = document(`<file name="a"><hash type="sha-256">${other}</hash>${urls}</file>`);
    await expect(resolved([url], withText(xml))).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: `${url} has neither a size nor an address that we speak of "a"`,
    });
    expect(await resolved([url, "http://m/a"], withText(xml))).toMatchObject({ mirrors: ["http://m/a"] });
  });

  it("Pieces of a weak function count where no root is known by which better ones can be asked for", async () => {
    const pieces = `<pieces length="4" type="sha-1"><hash>${"ab".repeat(20)}</hash><hash>${"ab".repeat(20)}</hash></pieces>`;
    const of = (url: string) => document(`<file name="a"><size>5</size>${pieces}<url>${url}</url></file>`);
    const known = await resolved([url], withText(of("http://m/a")));
    expect(known.pieces).toMatchObject({ digestType: "sha-1", chunkSize: 4 });
    expect(known).not.toHaveProperty("root");
    const linked = await resolved([url], withText(of(`ws://a:1/${root}`)));
    expect(linked).toMatchObject({ root });
    expect(linked).not.toHaveProperty("pieces");
  });

  it("A root that is not the metalink's is refused", async () => {
    const manifest = await manifestOf("a.iso");
    await expect(resolved([url, root], withText(writeMetalink(manifest)))).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: `${url} describes ${manifest.root}, but the other sources name ${root}`,
    });
  });

  it("A wrong document is named, without its password", async () => {
    const secret = "https://me:hunter2@depot/a.meta4";
    await expect(resolved([secret], withText("<html></html>"))).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: `${url}: the metalink is refused: its root element is html, expected metalink`,
    });
    const refused = new DownloadError("AUTH_FAILED", "no entry");
    await expect(resolved([secret], { read: reading(throwError(() => refused)) })).rejects.toBe(refused);
  });
});
