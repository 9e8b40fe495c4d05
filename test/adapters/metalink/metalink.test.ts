import fc from "fast-check";
import { lastValueFrom, of } from "rxjs";
import { describe, expect, it } from "vitest";
import { readMetalink } from "../../../src/adapters/metalink/readMetalink.js";
import { writeMetalink } from "../../../src/adapters/metalink/writeMetalink.js";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { buildManifest } from "../../../src/manifest/buildManifest.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import { safeFileName } from "../../../src/manifest/fileName.js";
import type { Manifest } from "../../../src/manifest/Manifest.js";

const manifestOf = (bytes: Uint8Array, name = "a.iso", chunkSize = 4): Promise<Manifest> =>
  lastValueFrom(of(bytes).pipe(buildManifest({ name, size: bytes.length, chunkSize }, sha256)));
const isSafe = (name: string) => {
  try {
    return safeFileName(name) === name;
  } catch {
    return false;
  }
};

const hash = "ab".repeat(32);
const file = (content: string, name = "a") => `<file name="${name}">${content}</file>`;
const pieces = (count: number, length = 4, type = "sha-256") =>
  `<pieces length="${length}" type="${type}">${`<hash>${hash}</hash>`.repeat(count)}</pieces>`;
const document = (content: string) =>
  `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink">${content}</metalink>`;
const readAll = (xml: string) => readMetalink(xml, sha256);
const read = (xml: string) => {
  const [only, ...others] = readAll(xml);
  if (only === undefined || others.length > 0) throw new Error(`${others.length + 1} files, expected one`);
  return only;
};

describe("writeMetalink", () => {
  it("A metalink that is written is what RFC 5854 asks for", async () => {
    const manifest = await manifestOf(Buffer.from("hello"), 'q&a "<1>".txt');
    expect(writeMetalink(manifest, ["ws://a:1/r?x=1&y=2", "http://b/"])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<metalink xmlns="urn:ietf:params:xml:ns:metalink">
  <file name="q&amp;a &quot;&lt;1&gt;&quot;.txt">
    <size>5</size>
    <pieces length="4" type="sha-256">
      <hash>0ebdc3317b75839f643387d783535adc360ca01f33c75f7c1e7373adcd675c0b</hash>
      <hash>65c74c15a686187bb6bbf9958f494fc6b80068034a659a9ad44991b08c58f2d2</hash>
    </pieces>
    <url priority="1">ws://a:1/r?x=1&amp;y=2</url>
    <url priority="2">http://b/</url>
  </file>
</metalink>
`);
  });
});

describe("readMetalink", () => {
  it.each([0, 1, 4, 8, 9])("The manifest of %i bytes that writeMetalink wrote is read, root and all", async (size) => {
    const manifest = await manifestOf(new Uint8Array(size).fill(7));
    expect(read(writeMetalink(manifest, ["https://a/x", "ws://b/y"]))).toEqual({
      name: "a.iso",
      size,
      manifest,
      urls: ["https://a/x", "ws://b/y"],
    });
    expect(read(writeMetalink(manifest, [], hash))).toEqual({
      name: "a.iso",
      size,
      hash: { type: "sha-256", hex: hash },
      manifest,
      urls: [],
    });
  });

  it("Every safe name that writeMetalink wrote is read", async () => {
    const manifest = await manifestOf(new Uint8Array(5));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }).filter(isSafe), (name) => {
        expect(read(writeMetalink({ ...manifest, name })).manifest).toEqual({ ...manifest, name });
      }),
    );
  });

  it("A metalink of others is read: prefixes, comments, white space, capitals, references and other elements", () => {
    const { manifest, urls, ...facts } = read(`\ufeff<?xml version="1.0" encoding="UTF-8"?>
      <!-- made by hand -->
      <ml:metalink xmlns:ml="urn:ietf:params:xml:ns:metalink">
        <ml:generator>x/1</ml:generator>
        <ml:file name="caf&#233; &amp; &#x74;ea.iso">
          <ml:size> 5 </ml:size>
          <ml:hash type="sha-512">00</ml:hash>
          <ml:hash>of no type</ml:hash>
          <ml:hash type="SHA-256"> ${hash.toUpperCase()} </ml:hash>
          <ml:pieces length="2" type="sha-1"><ml:hash>00</ml:hash></ml:pieces>
          <ml:pieces length=" 4 " type="SHA-256"><ml:hash>
            ${hash.toUpperCase()} </ml:hash><ml:hash>${hash}</ml:hash></ml:pieces>
          <ml:metaurl mediatype="torrent">http://t/</ml:metaurl>
          <ml:url location="de" priority="5"> http://five/ </ml:url>
          <ml:url>http://last/</ml:url>
          <ml:url priority="1"><![CDATA[http://one/?a&b]]></ml:url>
          <ml:url priority="1">http://one-more/?a&amp;b</ml:url>
          <ml:url priority="2">ftp://not/ours</ml:url>
          <ml:url priority="2">file:///etc/passwd</ml:url>
          <ml:url priority="2">no address</ml:url>
          <ml:url priority="3"/>
        </ml:file>
      </ml:metalink>
      <!-- the end -->`);
    expect(facts).toEqual({ name: "café & tea.iso", size: 5, hash: { type: "sha-256", hex: hash } });
    expect(manifest).toMatchObject({ name: "café & tea.iso", size: 5, chunkSize: 4 });
    expect(Buffer.from(manifest?.digests ?? []).toString("hex")).toBe(hash + hash);
    expect(urls).toEqual(["http://one/?a&b", "http://one-more/?a&b", "http://five/", "http://last/"]);
  });

  it.each([
    ["nothing", "", "document must contain a root element"],
    ["what is no XML", "hello", "no well-formed XML at 1:5: text data outside of root node"],
    ["a page", "<html></html>", "its root element is html, expected metalink"],
    ["a document that was cut off", document(file(`<size>5</size>${pieces(2)}`)).slice(0, -20), "unclosed tag"],
    ["another root element", `<a>${document("")}</a></metalink>`, "metalink"],
    ["an empty metalink", "<metalink></metalink>", "names no file"],
    ["no file", document("<generator>x</generator>"), "names no file"],
    [
      "a document type",
      `<!DOCTYPE metalink [<!ENTITY a "aaaa">]><metalink>${file("")}</metalink>`,
      "has a document type, expected none",
    ],
    ["a document type in small letters", `<!doctype metalink><metalink>${file("")}</metalink>`, "no well-formed XML"],
    ["an entity that nobody declared", document(file("<size>&five;</size>")), "undefined entity"],
    ["a file without a name", document("<file><size>1</size></file>"), "its file element, name"],
    ["an empty file element", document("<file/>"), "its file element, name"],
    ["piece hashes without a size", document(file(`${pieces(2)}<url>http://a/</url>`)), "piece hashes, but no size"],
    ["two names that are one", document(file("<size>1</size>").repeat(2)), 'names "a" twice'],
    [
      "a hash of the whole file that is none",
      document(file('<size>1</size><hash type="sha-256">abc</hash>')),
      'hash is "abc", expected 64 hex digits',
    ],
    [
      "two hashes of the whole file that differ",
      document(
        file(
          `<size>1</size><hash type="sha-256">${hash}</hash><hash type="sha-256">${hash.replaceAll("a", "c")}</hash>`,
        ),
      ),
      "two hashes of type sha-256",
    ],
    [
      "a second file that contradicts itself, by its name",
      document(file(`<size>5</size>${pieces(2)}`) + file(`<size>5</size>${pieces(3)}`, "b")),
      'has 3 piece hashes, expected 2 for 5 bytes in pieces of 4 (file "b")',
    ],
    [
      "a second file whose pieces have no length, by its number",
      document(file("<size>5</size>") + file("<size>5</size><pieces type='sha-256'><hash>a</hash></pieces>", "b")),
      "its file element 2, pieces.0.length",
    ],
    ["a size with a sign", document(file(`<size>-5</size>${pieces(2)}`)), "expected a whole number"],
    ["a size with an exponent", document(file(`<size>1e3</size>${pieces(2)}`)), "expected a whole number"],
    ["a size past what numbers hold", document(file(`<size>9007199254740993</size>${pieces(2)}`)), "its size is"],
    ["two sizes", document(file(`<size>5</size><size>6</size>${pieces(2)}`)), "size"],
    [
      "pieces without a length",
      document(file("<size>5</size><pieces type='sha-256'><hash>a</hash></pieces>")),
      "pieces.0",
    ],
    ["pieces of no length", document(file(`<size>5</size>${pieces(2, 0)}`)), "chunk size is 0"],
    [
      "a hash too few",
      document(file(`<size>9</size>${pieces(2)}`)),
      "has 2 piece hashes, expected 3 for 9 bytes in pieces of 4",
    ],
    ["a hash too many", document(file(`<size>4</size>${pieces(2)}`)), "has 2 piece hashes, expected 1"],
    [
      "a size that would cost us",
      document(file(`<size>9007199254740991</size>${pieces(2, 1)}`)),
      "expected at most 1048576",
    ],
    [
      "a short hash",
      document(file(`<size>9</size>${pieces(2)}`)).replace("</pieces>", "<hash>ab</hash></pieces>"),
      'piece hash 2 is "ab"',
    ],
    ["a hash that is no hex", document(file(`<size>8</size>${pieces(2)}`)).replace("abab", "xyxy"), "piece hash 0"],
    ["elements that nest without end", document("<a>".repeat(5000) + "</a>".repeat(5000)), "nested deeper than 100"],
    ["a name that would poison objects", document("<__proto__>1</__proto__>"), "names no file"],
    [
      "attributes without end",
      document(file(`<url ${Array.from({ length: 101 }, (_, n) => `a${n}=""`).join(" ")}/>`)),
      "more than 100 attributes",
    ],
  ])("A metalink of %s is refused", (_, xml, reason) => {
    expect(() => read(xml)).toThrow(
      expect.objectContaining({
        code: "INVALID_MANIFEST",
        message: expect.stringContaining(reason) as string,
      }) as Error,
    );
  });

  it.each([
    ["../../.bashrc", "../../.bashrc"],
    ["a&#10;b", "a\nb"],
  ])("The name %s in a metalink is left as it is: whoever would give it to a file checks it", (written, name) => {
    expect(read(document(file(`<size>5</size>${pieces(2)}`, written))).name).toBe(name);
  });

  it("A metalink is refused that may cost us more than it should", () => {
    const xml = document(file(`<size>5</size>${pieces(2)}`));
    expect(() => readMetalink(xml, sha256, { maxLength: xml.length - 1 })).toThrow(
      `expected at most ${xml.length - 1}`,
    );
    expect(() => readMetalink(xml, sha256, { maxChunks: 1 })).toThrow("it has 2 chunks, expected at most 1");
    expect(() => readMetalink(xml, sha256, { maxChunkBytes: 3 })).toThrow("chunks of 4 bytes, expected at most 3");
    expect(readMetalink(xml, sha256, { maxLength: xml.length, maxChunks: 2 })).toHaveLength(1);

    const two = document(file("<size>1</size>") + file("<url>ws://a/</url><url>ws://b/</url>", "b"));
    expect(() => readMetalink(two, sha256, { maxFiles: 1 })).toThrow(
      "it names more than 1 files, expected at most that",
    );
    expect(() => readMetalink(two, sha256, { maxUrls: 1 })).toThrow(
      "it has more than 1 addresses of one file, expected at most that",
    );
    expect(readMetalink(two, sha256, { maxFiles: 2, maxUrls: 2 })).toHaveLength(2);
    const filesOf = (count: number) => document(Array.from({ length: count }, (_, n) => file("", `${n}`)).join(""));
    expect(readAll(filesOf(1001))).toHaveLength(1001);
    expect(() => read(filesOf(100_001))).toThrow("it names more than 100000 files, expected at most that");
  });

  it("A metalink has 4 MiB at most, unless told otherwise", () => {
    const fits = document(file("<size>1</size>") + " ".repeat(4 * 1024 * 1024 - 150));
    expect(readAll(fits)).toHaveLength(1);
    const more = fits.replace("<file", `${" ".repeat(200)}<file`);
    expect(() => readAll(more)).toThrow(`it has ${more.length} characters, expected at most 4194304`);
    expect(readMetalink(more, sha256, { maxLength: more.length })).toHaveLength(1);
  });

  it("Files and addresses of a metalink are counted while it is read: what is wrong behind the last that is allowed is never seen", () => {
    const many = file("<url>http://a/</url>".repeat(1001) + "<broken");
    expect(() => readAll(document(many))).toThrow("more than 1000 addresses of one file");
    const three = document(`${file("", "a")}${file("", "b")}${file("", "c")}<broken`);
    expect(() => readMetalink(three, sha256, { maxFiles: 2 })).toThrow("names more than 2 files");
    const others = file("<size>1</size>" + "<url>ftp://a/</url>".repeat(2000));
    expect(readAll(document(others))).toMatchObject([{ urls: [] }]);
  });

  /** Fills a document to its limit with what it is told to repeat. */
  const full = (unit: string, before = "", after = ""): string =>
    document(file(`<size>1</size>${before}${unit.repeat(Math.floor(4_194_000 / unit.length))}${after}`));
  it.each([
    ["ends that are none, before a comment that has no end", full("</metalink><!--")],
    ["ends of the document within a comment", full("</metalink><!-- ", "<!--", "-->")],
    ["a comment", full("-a", "<!--", "-->")],
    ["blanks", full(" ")],
    ["references", full("&#65;")],
    ["elements", full("<a/>")],
    ["brackets that are never closed", full("<a")],
    ["quotes", full(`a="`, "<url ")],
  ])("A metalink with 4 MiB of %s is read in one go through it, or refused", (_, xml) => {
    expect(filesOrRefusal(xml)).toMatch(/^(1 file|INVALID_MANIFEST)$/);
  });

  it("A comment of 20 MB in a metalink is read where so much is allowed", () => {
    const xml = `${document(file("<size>1</size>"))}<!--${" a".repeat(10_000_000)}-->`;
    expect(readMetalink(xml, sha256, { maxLength: xml.length })).toHaveLength(1);
  });
});

function filesOrRefusal(xml: string): string {
  try {
    return `${readMetalink(xml, sha256).length} file`;
  } catch (error) {
    return error instanceof DownloadError ? error.code : String(error);
  }
}
