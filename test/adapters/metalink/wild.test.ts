import { describe, expect, it } from "vitest";
import { readMetalink } from "../../../src/adapters/metalink/readMetalink.js";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import type { MetalinkFile } from "../../../src/manifest/MetalinkFile.js";

const sha1 = "a96cf3f0266b91d87d5124cf94326422800b627d";
const md5 = "fc4d834e89c18c99b2615d902750948c";
const v3 = (...files: readonly string[]) =>
  `<?xml version="1.0" encoding="utf-8"?>
  <metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" origin="http://h/a.metalink">
    <publisher><name>somebody</name><url>http://publisher/</url></publisher>
    <files>${files.join("")}</files></metalink>`;
const v4 = (...files: readonly string[]) =>
  `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><generator>x/1</generator>${files.join("")}</metalink>`;
const hashes = (...hashes: readonly (readonly [type: string, hex: string])[]) =>
  hashes.map(([type, hex]) => `<hash type="${type}">${hex}</hash>`).join("");
const numbered = (type: string, length: number, ...hexes: readonly string[]) =>
  `<pieces length="${length}" type="${type}">${hexes.map((hex, n) => `<hash piece="${n}">${hex}</hash>`).join("")}</pieces>`;
const plain = (type: string, length: number, ...hexes: readonly string[]) =>
  numbered(type, length, ...hexes).replaceAll(/ piece="\d+"/g, "");
const read = (xml: string) => readMetalink(xml, sha256);
const told = ({ name, size, hash, manifest, pieces, urls }: MetalinkFile) => ({
  name,
  ...(size !== undefined && { size }),
  ...(hash && { hash: `${hash.type} ${hash.hex}` }),
  ...(manifest && { pieces: `sha-256 ${manifest.chunkSize} ${Buffer.from(manifest.digests).toString("hex")}` }),
  ...(pieces && {
    pieces: `${pieces.digestType} ${pieces.chunkSize} ${Buffer.from(pieces.digests).toString("hex")}`,
  }),
  urls,
});

describe("a Metalink 3 with the shapes of aria2's test files", () => {
  it("A Metalink 3 is read as aria2 reads it: the best hash, pieces by their numbers, addresses by preference", () => {
    const [one, two] = ["17".repeat(20), "fe".repeat(20)];
    const files = read(
      v3(
        `<file name="a-0.5.2.tar.bz2"><version>0.5.2</version><os>Linux-x86</os>
          <verification>${hashes(["sha1", sha1], ["md5", md5])}<signature type="pgp" file="a.sig">x</signature></verification>
          <resources maxconnections="1"><url type="ftp" location="jp" preference="100" maxconnections="1">ftp://f/a</url>
            <url type="http" location="us" preference="100">http://h/a</url></resources></file>`,
        `<file name="b"><size>345689</size><verification>${hashes(["sha1", sha1], ["md5", md5])}${numbered("sha1", 262144, one, two)}
          </verification><resources><url type="http" preference="100">http://h/b</url></resources></file>`,
        `<file name="NoVerificationHash"><resources><url type="ftp" preference="100">ftp://h/f</url></resources></file>`,
        `<file name="Unsupported"><size>300000</size><verification>${hashes(["unsupported", md5], ["sha1", sha1])}${numbered("unsupported", 262144, one, two)}${numbered("sha1", 262144, one, two)}
          </verification><resources><url type="ftp" preference="100">ftp://h/f</url></resources></file>`,
        `<file name="torrent"><resources><url type="http" preference="100">http://h/t</url>
          <url type="bittorrent" preference="100">http://h/t.torrent</url></resources></file>`,
      ),
    );
    expect(files.map(told)).toEqual([
      { name: "a-0.5.2.tar.bz2", hash: `sha-1 ${sha1}`, urls: ["http://h/a"] },
      { name: "b", size: 345_689, hash: `sha-1 ${sha1}`, pieces: `sha-1 262144 ${one}${two}`, urls: ["http://h/b"] },
      { name: "NoVerificationHash", urls: [] },
      { name: "Unsupported", size: 300_000, hash: `sha-1 ${sha1}`, pieces: `sha-1 262144 ${one}${two}`, urls: [] },
      { name: "torrent", urls: ["http://h/t"] },
    ]);
  });

  it("Of several files each is read, and one whose name leads out of the folder is left for its name to be refused", () => {
    const two = v3(
      `<file name="../a"><resources><url type="http">http://h/a</url></resources></file>`,
      `<file name="b"><resources><url type="http">http://h/b</url></resources></file>`,
    );
    expect(read(two).map(({ name }) => name)).toEqual(["../a", "b"]);
  });
});

describe("a Metalink 4 with the shapes of aria2's test files", () => {
  it("The strongest hashes are read, and a broken one of a weak function is passed over", () => {
    const [one, two, three] = ["5b", "94", "44"].map((byte) => byte.repeat(20)) as [string, string, string];
    const [a, b, c] = ["02", "48", "37"].map((byte) => byte.repeat(32)) as [string, string, string];
    const document = v4(`<file name="example.ext"><size>786430</size>
      ${hashes(["md5", md5.slice(1)], ["sha-1", sha1])}${plain("sha-1", 262144, one, two, three)}${plain("sha-256", 262144, a, b, c)}
      <url location="de" priority="1">ftp://f/example.ext</url><url location="fr" priority="1">http://h/example.ext</url>
      <metaurl mediatype="torrent" priority="2">http://h/example.ext.torrent</metaurl></file>`);
    expect(read(document).map(told)).toEqual([
      {
        ...{ name: "example.ext", size: 786_430, hash: `sha-1 ${sha1}` },
        ...{ pieces: `sha-256 262144 ${a}${b}${c}`, urls: ["http://h/example.ext"] },
      },
    ]);
  });

  it("A file in a folder keeps its path as its name", () => {
    expect(read(v4(`<file name="t/README"><url>http://h/README</url></file>`))[0]?.name).toBe("t/README");
  });
});

describe("documents with the shapes of libmetalink's test files", () => {
  const one = "17".repeat(20);
  const two = "fe".repeat(20);
  const expected = [
    { name: "one", hash: `sha-1 ${sha1}`, urls: ["http://h/one"] },
    {
      ...{ name: "two", size: 500_000, pieces: `sha-1 262144 ${one}${two}` },
      urls: ["http://mirror1/two", "http://h/two"],
    },
    { name: "bad size", urls: [] },
    { name: "bad rank", urls: ["http://bad/"] },
  ];

  it("A Metalink 3 is read as libmetalink reads it: what lacks a name or a type is left out, what cannot be read is as if it was not there", () => {
    const files = read(
      v3(
        `<file name="one"><verification>${hashes(["sha1", sha1])}<hash>notype</hash>${hashes(["md5", md5])}</verification>
          <resources><url type="ftp" preference="100">ftp://f/one</url>
          <url type="http" preference="99" maxconnections="-1">http://h/one</url></resources></file>`,
        `<file name="two"><size>500000</size><verification>
          <pieces length="262144" type="sha1"><hash piece="1">${two}</hash><hash>${one}</hash><hash piece="0">${one}</hash></pieces>
          </verification><resources maxconnections="-1"><url type="ftp" preference="100">ftp://f/two</url>
          <url type="http">http://h/two</url><url type="http" preference="99">http://mirror1/two</url></resources></file>`,
        `<file><resources><url type="http">http://noname/file</url></resources></file>`,
        `<file name="bad size"><size>abc</size><resources><url type="ftp">ftp://h/f</url></resources></file>`,
        `<file name="bad rank"><resources><url type="http" preference="-100">http://bad/</url></resources></file>`,
      ),
    );
    expect(files.map(told)).toEqual(expected);
  });

  it("A Metalink 4 is read as libmetalink reads it, by the same rules", () => {
    const files = read(
      v4(
        `<file name="one">${hashes(["sha1", sha1])}<hash>notype</hash>${hashes(["md5", md5])}
          <url priority="100">ftp://f/one</url><url priority="99">http://h/one</url></file>`,
        `<file name="two"><size>500000</size>${plain("sha1", 262144, one, two)}
          <url priority="1">ftp://f/two</url><url>http://h/two</url><url priority="99">http://mirror1/two</url></file>`,
        `<file><url>http://noname/file</url></file>`,
        `<file name="bad size"><size>abc</size><url priority="100">ftp://h/f</url></file>`,
        `<file name="bad rank"><url priority="-100">http://bad/</url></file>`,
      ),
    );
    expect(files.map(told)).toEqual(expected);
  });

  it.each([
    ["of another number than the file has", plain("sha1", 262144, one)],
    ["of another length than their function's", plain("sha1", 262144, one, md5)],
    ["of no length", plain("sha1", 0, one, two)],
  ])("Piece hashes of a weak function %s are as if they were not there", (_, pieces) => {
    expect(read(v4(`<file name="a"><size>500000</size>${pieces}<url>http://h/a</url></file>`))[0]?.pieces).toBe(
      undefined,
    );
  });
});

describe("a document as MirrorBrain and as Fedora's MirrorManager write it", () => {
  it("MirrorBrain's pieces are of SHA-1, and its hash of the whole is the SHA-256", () => {
    const [whole, piece] = ["ab".repeat(32), "cd".repeat(20)];
    const [file] = read(
      v4(`<file name="a.iso"><size>300000</size><!-- <mtime>1</mtime> --><identity>x</identity>
        ${hashes(["md5", md5], ["sha-1", sha1], ["sha-256", whole])}
        <pieces length="262144" type="sha-1"><hash>${piece}</hash><hash>${piece}</hash></pieces>
        <url location="de" priority="1">http://h/a.iso</url></file>`),
    );
    expect(file && told(file)).toMatchObject({ hash: `sha-256 ${whole}`, pieces: `sha-1 262144 ${piece}${piece}` });
  });

  it("MirrorManager's alternates of other times are passed over, and protocols that we do not speak", () => {
    const whole = "ab".repeat(32);
    const [file] = read(
      v3(`<file name="repomd.xml" xmlns:mm0="http://fedorahosted.org/mirrormanager"><mm0:timestamp>1</mm0:timestamp>
        <size>9</size><verification>${hashes(["md5", md5], ["sha512", "ef".repeat(64)], ["sha256", whole])}</verification>
        <mm0:alternates><mm0:alternate><size>8</size><verification>${hashes(["sha256", "ff".repeat(32)])}</verification>
        </mm0:alternate></mm0:alternates><resources maxconnections="1">
        <url protocol="rsync" type="rsync" location="US" preference="100">rsync://h/repomd.xml</url>
        <url protocol="https" type="https" location="US" preference="99">https://h/repomd.xml</url></resources></file>`),
    );
    expect(file && told(file)).toEqual({
      ...{ name: "repomd.xml", size: 9, hash: `sha-256 ${whole}` },
      urls: ["https://h/repomd.xml"],
    });
  });
});
