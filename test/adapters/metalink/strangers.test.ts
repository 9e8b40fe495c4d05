import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetalinkFile } from "../../../src/manifest/MetalinkFile.js";
import { isSpoken } from "../../../src/adapters/metalink/metalinkSchema.js";
import { readMetalink } from "../../../src/adapters/metalink/readMetalink.js";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import { checkManifest } from "../../../src/manifest/checkManifest.js";
import { chunkCount } from "../../../src/manifest/chunks.js";
import { digestFromHex } from "../../../src/manifest/Digest.js";
import { hashTypes } from "../../../src/manifest/HashType.js";

const hex = "ab".repeat(32);
const sample = `<?xml version="1.0"?>
<metalink xmlns="urn:ietf:params:xml:ns:metalink"><published>2009-05-15T12:23:23Z</published>
<file name="a&amp;b.iso"><size>5</size><hash type="sha-256">${hex}</hash>
<pieces length="4" type="sha-256"><hash>${hex}</hash><hash>${hex}</hash></pieces>
<url location="de" priority="1">https://a.example/a</url><url><![CDATA[ws://b/${hex}]]></url></file>
<file name="c"><url>http://a.example/c</url></file></metalink>`;

/** Numbers, names, hashes and markup that a reader may trip over. */
const scrap = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom(
    "<",
    "</file>",
    "<file>",
    '<file name="c"/>',
    "<hash/>",
    "<pieces/>",
    "<pieces length='1'/>",
    "<size/>",
    "<url/>",
  ),
  fc.constantFrom("&#0;", "&#1114112;", "&lt;", "&x;", "<![CDATA[", "]]>", "<!--", "-->", "<?x", "\u0000", "\ud800"),
  fc.constantFrom("0", "-1", "1e9", "9007199254740991", "99999999999999999", "NaN", "__proto__", "constructor", hex),
  fc.constantFrom(' type="sha-256"', ' length="0"', ' priority="-1"', ' name="x"', ' xmlns="y"', "<a:b>", "</a:b>"),
);

/** The text with some of its parts replaced. */
const damaged = fc
  .array(fc.tuple(fc.nat(sample.length), fc.nat(40), scrap), { minLength: 1, maxLength: 4 })
  .map((cuts) => cuts.reduce((text, [at, length, by]) => text.slice(0, at) + by + text.slice(at + length), sample));

const element: fc.Arbitrary<string> = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      name: fc.constantFrom(
        ...["file", "size", "hash", "pieces", "url", "files", "verification", "resources", "toString", "metalink"],
      ),
      attributes: fc.array(
        fc.tuple(
          fc.constantFrom("name", "type", "length", "priority", "preference", "piece", "__proto__x"),
          fc.constantFrom("", "a", "b", "sha-256", "sha1", "md5", "1", "4", "-1", hex),
        ),
        { maxLength: 3 },
      ),
      content: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("", "5", "x", hex, hex.slice(0, 40), hex.slice(0, 32), "http://a/", "ws://a/", "ftp://a/"),
        fc.array(tie("element"), { maxLength: 4 }).map((elements) => elements.join("")),
      ),
    })
    .map(({ name, attributes, content }) => {
      const words = attributes.map(([key, value]) => ` ${key}="${value}"`).join("");
      return `<${name}${words}>${content}</${name}>`;
    }),
})).element;

const file = fc
  .tuple(fc.constantFrom("a", "b", "c"), fc.array(element, { maxLength: 3 }))
  .map(([name, elements]) => `<file name="${name}"><url>http://a/</url>${elements.join("")}</file>`);

const built = fc
  .array(fc.oneof(element, file), { minLength: 1, maxLength: 4 })
  .map((elements) => `<metalink>${elements.join("")}</metalink>`);

/** The files of a document; nothing when it is refused as it must be. */
function filesIn(xml: string): readonly MetalinkFile[] | undefined {
  try {
    return readMetalink(xml, sha256);
  } catch (error) {
    if (error instanceof DownloadError && error.code === "INVALID_MANIFEST") return undefined;
    throw error;
  }
}

function checkFile({ name, size, hash, manifest, pieces, urls }: MetalinkFile): void {
  expect(typeof name).toBe("string");
  if (size !== undefined) expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
  if (hash !== undefined) expect(digestFromHex(hash.type, hash.hex)).toBeDefined();
  if (manifest !== undefined) expect(checkManifest(manifest, sha256)).toMatchObject({ name, size });
  if (pieces !== undefined) {
    expect([manifest, pieces.name, pieces.size]).toEqual([undefined, name, size]);
    expect(pieces.digests).toHaveLength(chunkCount(pieces) * hashTypes[pieces.digestType].bytes);
  }
  expect(urls.every(isSpoken)).toBe(true);
}

describe("readMetalink, whatever a stranger sends,", () => {
  it.each([
    ["damaged documents", damaged],
    ["documents of the right words in any order", built],
  ])("A stranger's metalink of %s is read to files that hold, or refused as INVALID_MANIFEST", (_, documents) => {
    let read = 0;
    fc.assert(
      fc.property(documents, (xml) => {
        const files = filesIn(xml);
        if (files === undefined) return;
        read += 1;
        expect(files.length).toBeGreaterThan(0);
        expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
        files.forEach(checkFile);
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(20);
  });
});
