import { createHash } from "node:crypto";
import { EMPTY } from "rxjs";
import { describe, expect, it } from "vitest";
import { announcedIn } from "../../../src/adapters/http/announcedIn.js";
import type { AnswerFields, HttpAnswer } from "../../../src/adapters/http/HttpAnswer.js";
import { toHex } from "../../../src/manifest/hex.js";

const url = "https://a.example/pub/file.iso";
const digest = (type: string, text = "abc") => createHash(type).update(text).digest();
const base64 = (type: string, text?: string) => digest(type, text).toString("base64");
const sha256 = digest("sha256").toString("hex");
const answer = (headers: Record<string, string>, status = 206, via: readonly AnswerFields[] = []): HttpAnswer => ({
  ...{ status, headers, url, body: EMPTY, via },
});
const digestsIn = (answer: HttpAnswer, size?: number) =>
  announcedIn(answer, size)?.digests.map(({ type, bytes }) => `${type} ${toHex(bytes)}`);

describe("the digests that an answer tells", () => {
  it.each([
    ["Digest (RFC 3230)", { digest: `SHA-256=${base64("sha256")}` }],
    ["Digest beside one of an unknown function", { digest: `UNIXsum=30637,sha-256=${base64("sha256")}, id-md5=x` }],
    ["Repr-Digest (RFC 9530)", { "repr-digest": `sha-256=:${base64("sha256")}:` }],
  ])("%s is of the whole file, also in the answer to a range", (_, headers) => {
    expect(digestsIn(answer(headers))).toEqual([`sha-256 ${sha256}`]);
    expect(digestsIn(answer(headers, 200))).toEqual([`sha-256 ${sha256}`]);
  });

  it("Content-Digest is of the file only where the answer is the whole", () => {
    const headers = { "content-digest": `sha-256=:${base64("sha256")}:` };
    expect(digestsIn(answer(headers, 200))).toEqual([`sha-256 ${sha256}`]);
    expect(announcedIn(answer(headers, 206), 3)).toBeUndefined();
  });

  it("Several functions are all told, each once, and two digests of one that differ tell nothing", () => {
    const both = `md5=${base64("md5")}, SHA=${base64("sha1")}`;
    expect(digestsIn(answer({ digest: both, "repr-digest": `md5=:${base64("md5")}:` }))).toEqual([
      `md5 ${digest("md5").toString("hex")}`,
      `sha-1 ${digest("sha1").toString("hex")}`,
    ]);
    const other = { digest: `MD5=${base64("md5", "other")}`, "repr-digest": `md5=:${base64("md5")}:` };
    expect(announcedIn(answer(other), 3)).toBeUndefined();
  });

  it.each([
    ["of another length", { digest: "SHA-256=YWJj" }],
    ["that is no base64", { "repr-digest": "sha-256=:§§:" }],
    ["without colons", { "repr-digest": `sha-256=${base64("sha256")}` }],
  ])("A digest %s is passed over", (_, headers) => {
    expect(announcedIn(answer(headers), 3)).toBeUndefined();
  });

  it("The redirect of the Hugging Face hub tells the SHA-256 of a large file, unless the size is another", () => {
    const via = (tag: string) => [{ url, headers: { "x-linked-etag": tag, "x-linked-size": "3" } }];
    expect(digestsIn(answer({}, 206, via(`"${sha256}"`)), 3)).toEqual([`sha-256 ${sha256}`]);
    expect(digestsIn(answer({}, 206, via(`"${sha256}"`)), 4)).toBeUndefined();
    expect(digestsIn(answer({}, 206, via(`"${sha256.slice(24)}"`)), 3)).toBeUndefined();
    expect(digestsIn(answer({ "x-linked-etag": `"${sha256}"` }), 3)).toBeUndefined();
  });

  it("Of a redirect Digest counts, as MirrorBrain sends it, and no other field, which would be of its page", () => {
    const via = (headers: Record<string, string>) => [{ url, headers }];
    expect(digestsIn(answer({}, 206, via({ digest: `SHA-256=${base64("sha256")}` })))).toEqual([`sha-256 ${sha256}`]);
    const ofPage = {
      "repr-digest": `sha-256=:${base64("sha256")}:`,
      "content-digest": `sha-256=:${base64("sha256")}:`,
    };
    expect(announcedIn(answer({}, 206, via(ofPage)), 3)).toBeUndefined();
  });
});

describe("the addresses that an answer tells", () => {
  const announced = (link: string) => announcedIn(answer({ link }), 3);

  it("Duplicates come in the order of their priority, those that the server prefers first, those of none last", () => {
    const link = [
      "<http://five/file.iso>; rel=duplicate; pri=5; geo=de",
      '<http://none/file.iso>; rel="duplicate"',
      "<http://one/a,b>; rel=duplicate; pri=1",
      '<http://odd/>; title="a, <b>; rel=next"; rel="duplicate other"; pri=x',
      "<http://preferred/>; rel=duplicate; pri=7; pref",
      "<mirror/file.iso>;rel=duplicate;pri=6",
      "<http://one/a,b>; rel=duplicate; pri=9",
    ].join(", ");
    expect(announced(link)?.duplicates).toEqual([
      ...["http://preferred/", "http://one/a,b", "http://five/file.iso", "https://a.example/pub/mirror/file.iso"],
      ...["http://none/file.iso", "http://odd/"],
    ]);
  });

  it("A Metalink that describes the file is known by its relation and type", () => {
    const link =
      '<file.iso.meta4>; rel=describedby; type="application/metalink4+xml", <http://b/s.asc>; rel=describedby; type="application/pgp-signature", </3>; rel=describedby; type=application/metalink+xml';
    expect(announced(link)).toEqual({
      digests: [],
      duplicates: [],
      describedBy: ["https://a.example/pub/file.iso.meta4", "https://a.example/3"],
    });
  });

  it("Links of something else, to nowhere and with secrets are no addresses of ours", () => {
    expect(announced('<http://b/>; rel=duplicate; anchor="#x"')).toBeUndefined();
    expect(announced("<http://[/>; rel=duplicate")).toBeUndefined();
    expect(announced("<http://b/>; rel=next, nothing, <http://c/>")).toBeUndefined();
    expect(announced("<http://me:secret@b/x#y>; rel=duplicate")?.duplicates).toEqual(["http://b/x"]);
  });

  it("Links of a redirect count, and are relative to where it stands", () => {
    const via = [{ url: "https://r.example/x/y", headers: { link: "<z>; rel=duplicate" } }];
    expect(announcedIn(answer({}, 206, via), 3)?.duplicates).toEqual(["https://r.example/x/z"]);
  });

  it("Fields of 64 KB are read in a moment, whatever is in them", () => {
    for (const unit of ["<", '<a>;b="', "<a>; b=c", ";", '"\\', "<a>;".repeat(9), ",", "=:"]) {
      const link = unit.repeat(Math.floor(65_536 / unit.length));
      const startedAt = performance.now();
      announcedIn(answer({ link, digest: link, "repr-digest": link }), 3);
      expect(performance.now() - startedAt).toBeLessThan(1000);
    }
  });
});
