import { createHash } from "node:crypto";
import { NEVER, type Observable, of, throwError, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { isPrivate } from "../../src/adapters/network/isPrivate.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import type { Announced } from "../../src/protocol/Announced.js";
import { agreeingOnDigest, findMore, type Found } from "../../src/discovery/findMore.js";
import type { NamedAddress } from "../../src/peers/NamedAddress.js";
import type { AnsweredMirror, MirrorAnswer } from "../../src/discovery/Mirror.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Digest } from "../../src/manifest/Digest.js";
import type { MetalinkFile } from "../../src/manifest/MetalinkFile.js";
import { piecesRoot } from "../../src/manifest/root.js";
import { HttpPeer } from "../../src/adapters/http/HttpPeer.js";

const MiB = 1024 * 1024;
const nothing: Announced = { digests: [], duplicates: [], describedBy: [] };
const digest = (type: "sha-256" | "sha-1" | "md5", text = "abc"): Digest => ({
  type,
  bytes: new Uint8Array(createHash(type.replace("-", "")).update(text).digest()),
});

/** A mirror at an address whose answer tells this beside. */
function mirror(url: string, announced: Partial<Announced> = {}, said: Partial<MirrorAnswer> = {}): AnsweredMirror {
  const connect = () => ({ send: () => NEVER, renew: () => undefined, close: () => undefined });
  return {
    mirror: new HttpPeer(url, { connect }),
    said: { ranges: true, ...said, announced: { ...nothing, ...announced } },
  };
}

/** The same mirror, which turned out to be in a private network, or not. */
function isIn(answered: AnsweredMirror, isPrivate: boolean): AnsweredMirror {
  Object.defineProperty(answered.mirror, "isPrivate", { value: isPrivate });
  return answered;
}

interface Outcome extends Found {
  readonly mirrors: readonly string[];
  /** Those of them that may lead to the public network only. */
  readonly publicOnly: readonly string[];
  readonly read: readonly string[];
  readonly atMs: number;
}

function found(
  answered: readonly AnsweredMirror[],
  {
    size = 10 * MiB,
    described = () => throwError(() => new DownloadError("FILE_NOT_FOUND", "none")),
  }: { readonly size?: number; readonly described?: (url: string) => Observable<readonly MetalinkFile[]> } = {},
): Outcome {
  const clock = new VirtualTimeScheduler();
  const mirrors: string[] = [];
  const publicOnly: string[] = [];
  const read: string[] = [];
  const outcomes: (Found & { readonly atMs: number })[] = [];
  const finding = {
    isPrivate,
    hashes: (type: string) => type !== "md5",
    found: (named: readonly NamedAddress[]) => {
      mirrors.push(...named.map(({ url }) => url));
      publicOnly.push(...named.filter((each) => each.publicOnly).map(({ url }) => url));
    },
    read: ({ url }: NamedAddress) => {
      read.push(url);
      return described(url);
    },
  };
  findMore(answered, { finding, size }, { clock }).subscribe((more) => outcomes.push({ ...more, atMs: clock.now() }));
  clock.flush();
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error("nothing was emitted");
  return { ...outcome, mirrors, publicOnly, read };
}

const named = (...duplicates: string[]) => ({ duplicates });

describe("the mirrors that an answer names", () => {
  it("Mirrors that an answer names are found, once each, and not the one that named them", () => {
    const a = mirror("https://a.example/f", named("https://b.example/f", "https://a.example/f", "https://b.example/f"));
    expect(
      found([a, mirror("https://c.example/f", named("https://b.example/f", "https://d.example/f"))]).mirrors,
    ).toEqual(["https://b.example/f", "https://d.example/f"]);
  });

  it("No mirror is found across from https to http, or on this machine and its network, unless its namer is there, too", () => {
    const all = [
      "http://b.example/f",
      "https://b.example/f",
      "https://127.0.0.1/f",
      "http://10.0.0.1/f",
      "ftp://b.example/f",
    ];
    expect(found([mirror("https://a.example/f", named(...all))]).mirrors).toEqual(["https://b.example/f"]);
    expect(found([mirror("http://a.example/f", named(...all))]).mirrors).toEqual(all.slice(0, 2));
    expect(found([mirror("http://127.0.0.2/f", named(...all))]).mirrors).toEqual(all.slice(0, 4));
  });

  it("A mirror may lead to the public network only, unless somebody named it who is in a private one, whatever his own name", () => {
    const [b, c, d] = ["http://b.example/f", "http://c.example/f", "http://10.0.0.1/f"] as const;
    const insider = isIn(mirror("http://in.example/f", named(c, d)), true);
    const outsider = isIn(mirror("http://localhost/f", named(b, c, d)), false);
    expect(found([outsider])).toMatchObject({ mirrors: [b, c], publicOnly: [b, c] });
    expect(found([insider])).toMatchObject({ mirrors: [c, d], publicOnly: [] });
    expect(found([outsider, insider])).toMatchObject({ mirrors: [b, c, d], publicOnly: [b] });
  });

  it("No more are found than could bring a MiB each, and no more than a hundred", () => {
    const many = mirror(
      "http://a.example/f",
      named(...Array.from({ length: 300 }, (_, n) => `http://m${n}.example/f`)),
    );
    expect(found([many], { size: 3 * MiB }).mirrors).toEqual([
      "http://m0.example/f",
      "http://m1.example/f",
      "http://m2.example/f",
    ]);
    expect(found([many], { size: MiB - 1 }).mirrors).toEqual([]);
    expect(found([many], { size: 1000 * MiB }).mirrors).toHaveLength(100);
  });
});

describe("the digests that answers tell", () => {
  it("The best digest that can be compared is found", () => {
    const digests = [digest("md5"), digest("sha-1")];
    expect(found([mirror("http://a.example/f", { digests })]).whole).toEqual(digest("sha-1"));
    const better = mirror("http://b.example/f", { digests: [digest("sha-256")] });
    expect(found([mirror("http://a.example/f", { digests }), better]).whole).toEqual(digest("sha-256"));
    expect(found([mirror("http://a.example/f", { digests: [digest("md5")] })])).not.toHaveProperty("whole");
  });

  it("A mirror that tells another digest than most is refused, in a tie the one that was named later", () => {
    const refused: string[] = [];
    const refuse = ({ id }: { readonly id: string }, { code }: DownloadError) => void refused.push(`${id} ${code}`);
    const says = (url: string, ...digests: Digest[]) => mirror(url, { digests });
    const silent = mirror("http://d.example/f");
    const [a, b, c] = [
      says("http://a.example/f", digest("sha-256", "other")),
      says("http://b.example/f", digest("sha-256"), digest("md5", "x")),
      says("http://c.example/f", digest("sha-256"), digest("md5", "y")),
    ] as const;
    expect(agreeingOnDigest([a, b, silent, c], refuse)).toEqual([b, silent, c]);
    expect(agreeingOnDigest([a, b], refuse)).toEqual([a]);
    expect(refused).toEqual(["http://a.example/f RESOURCE_CHANGED", "http://b.example/f RESOURCE_CHANGED"]);
  });
});

describe("a Metalink that describes the file", () => {
  const size = 2 * MiB;
  const facts = { size, chunkSize: MiB, digests: new Uint8Array(40).fill(1), digestType: "sha-1" as const };
  const pieces = { name: "f", root: piecesRoot(facts, sha256), ...facts };
  const hash = { type: "sha-256" as const, hex: Buffer.from(digest("sha-256").bytes).toString("hex") };
  const file: MetalinkFile = {
    name: "f",
    size,
    hash,
    pieces,
    urls: ["http://b.example/f", "http://127.0.0.1/f", "ws://b.example"],
  };
  const describer = mirror("http://a.example/f", { describedBy: ["http://a.example/f.meta4"] });
  const by = (...files: MetalinkFile[]) => found([describer], { size, described: () => of(files) });

  it("A Metalink that describes the file brings its digests and its mirrors", () => {
    const { chunkSize, digests, digestType } = facts;
    expect(by(file)).toMatchObject({
      whole: digest("sha-256"),
      pieces: { chunkSize, digests, digestType },
      mirrors: ["http://b.example/f"],
      read: ["http://a.example/f.meta4"],
    });
  });

  it("The mirrors in it may lead to the public network only where it is there itself, or was named from there", () => {
    const inside = isIn(mirror("http://a.example/f", { describedBy: ["http://a.example/f.meta4"] }), true);
    const of_ = (from: AnsweredMirror, publicOnly: boolean) =>
      found([from], { size, described: () => of([{ ...file, publicOnly }]) }).publicOnly;
    expect(of_(inside, false)).toEqual([]);
    expect(of_(inside, true)).toEqual(file.urls.slice(0, 1));
    expect(of_(describer, false)).toEqual(file.urls.slice(0, 1));
  });

  it("Of several files in it the one with the name of the address counts", () => {
    expect(by({ ...file, name: "g", hash: { type: "sha-1", hex: "ab".repeat(20) } }, file).whole).toEqual(
      digest("sha-256"),
    );
    expect(by({ ...file, name: "g" }, { ...file, name: "h" })).not.toHaveProperty("whole");
  });

  it("A Metalink of a file of another size is as if it was not there", () => {
    const none = { mirrors: [], publicOnly: [], read: ["http://a.example/f.meta4"], atMs: 0 };
    expect(by({ ...file, size: size + 1 })).toEqual(none);
  });

  it("A Metalink that cannot be read, or not within three seconds, is as if it was not there", () => {
    expect(found([describer], { size })).toMatchObject({ mirrors: [], atMs: 0 });
    const late = found([describer], { size, described: () => NEVER });
    expect([late.atMs, late.whole, late.mirrors]).toEqual([3000, undefined, []]);
  });

  it("No Metalink is read for a file below a MiB, or where it may not be asked", () => {
    expect(found([describer], { size: MiB - 1 }).read).toEqual([]);
    const inside = mirror("http://a.example/f", { describedBy: ["http://127.0.0.1/f.meta4"] });
    expect(found([inside], { size }).read).toEqual([]);
  });
});
