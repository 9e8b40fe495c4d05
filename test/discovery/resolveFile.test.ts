import { firstValueFrom, of, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { resolveFile } from "../../src/discovery/resolveFile.js";
import { printOf, sampleAt } from "../../src/discovery/samples.js";
import type { FileRequest } from "../../src/discovery/FileRequest.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import { manifestOf, someBytes } from "../download/swarm.js";
import { discoveryFor } from "./discoveryFor.js";
import { type MirrorScript, scriptedMirror } from "./scriptedMirror.js";

const file = someBytes(20_000);
const early = "Sat, 01 Jan 2022 00:00:00 GMT";
const whole = { type: "sha-256" as const, bytes: new Uint8Array(32).fill(7) };

/** What is learned of a file whose mirrors, called a, b, …, have these scripts. */
async function learn(
  wanted: Partial<FileRequest>,
  ...scripts: readonly (MirrorScript & { readonly file?: Uint8Array })[]
) {
  const mirrors = scripts.map((script, i) => scriptedMirror("abc".charAt(i), script.file ?? file, script));
  const discovery = discoveryFor({ maxChunkRetries: 0 });
  const swarm = { sockets: of([]), mirrors: of(mirrors.map(({ peer }) => peer)) };
  const known = await firstValueFrom(resolveFile({ places: [], mirrors: [], ...wanted }, swarm, sha256, discovery));
  const refused = discovery.told.flatMap((event) =>
    event.type === "mirror-refused" ? [`${new URL(event.peer).hostname} ${event.code}`] : [],
  );
  return { known, refused, mirrors, ids: mirrors.map(({ peer }) => peer.id) };
}

const peersOf = async ({ peers }: Awaited<ReturnType<typeof learn>>["known"]) =>
  (await firstValueFrom(peers.pipe(toArray()))).at(-1);

describe("a file that only its mirrors vouch for", () => {
  it("A file that only its mirrors vouch for is what they agree on, with what each said of its version", async () => {
    const headers = { etag: '"1"' };
    const { known, ids } = await learn(
      {},
      { headers },
      { headers: { "last-modified": early } },
      { headers: { etag: 'W/"2"' } },
    );
    const [a = "", b = "", c = ""] = ids;
    const ranges = true as const;
    const mirrors = { [a]: { ...headers, ranges }, [b]: { lastModified: early, ranges }, [c]: { ranges } };
    expect(known.facts).toEqual(plainFile({ name: known.facts.name, size: file.length, mirrors }, sha256));
    expect((await peersOf(known))?.map(({ id }) => id)).toEqual(ids);
  });

  it("A file of mirrors has the name and the digest that were given, or else the name that a mirror suggests", async () => {
    const given = { name: "given.bin", whole, size: file.length };
    expect((await learn(given, {})).known.facts).toMatchObject(given);
    const headers = { "content-disposition": 'attachment; filename="said.bin"' };
    expect((await learn({}, { headers })).known.facts.name).toBe("said.bin");
  });

  it("A file of mirrors tells when it was changed, and what is in it, by whichever mirror can", async () => {
    const { known, mirrors } = await learn({}, {}, { headers: { "last-modified": early } });
    expect(known.mirrorFile?.modifiedAt).toBe(Date.parse(early));
    mirrors[0]?.peer.close();
    const sample = known.mirrorFile?.sample([sampleAt(100, 9)]);
    expect(sample && (await firstValueFrom(sample))).toBe(printOf([file.subarray(100, 109)]));
  });

  it("A file of mirrors can be looked into at its start only where no mirror can start in the middle, and tells no time where none is told", async () => {
    const { known } = await learn({}, { ranges: false });
    expect(known.mirrorFile?.modifiedAt).toBeUndefined();
    expect(known.mirrorFile?.sample([sampleAt(0), sampleAt(8192)])).toBeUndefined();
    expect((await peersOf(known))?.map(({ ranges }) => ranges)).toEqual([false]);
  });

  it("A file of mirrors tells of the mirrors that are not used, which are no peers then", async () => {
    const { known, refused, ids } = await learn({}, {}, { file: someBytes(9) });
    expect(refused).toEqual(["b RESOURCE_CHANGED"]);
    expect((await peersOf(known))?.map(({ id }) => id)).toEqual(ids.slice(0, 1));
  });

  it("A file of unknown size is the first mirror's", async () => {
    const { known, ids } = await learn({ name: "x" }, { ranges: false, tellsSize: false });
    expect([known.unsized?.id, known.facts.name, known.mirrorFile]).toEqual([ids[0], "x", undefined]);
  });
});

describe("a file with a manifest", () => {
  it("A file with a manifest is that, its mirrors are held to its size, and nothing is asked of them before", async () => {
    const manifest = await manifestOf(file, 1000);
    const { known, mirrors } = await learn({ root: manifest.root, manifest, whole }, {}, { file: someBytes(9) });
    expect(known.facts).toEqual({ ...manifest, whole });
    expect(known.mirrorFile).toBeUndefined();
    const [good, bad] = (await peersOf(known)) ?? [];
    expect(mirrors.map(({ asked }) => asked)).toEqual([[], []]);
    const bytes = good && (await firstValueFrom(good.request(sampleAt(0, 3)).pipe(toArray())));
    expect(printOf(bytes ?? [])).toBe(printOf([file.subarray(0, 3)]));
    await expect(bad && firstValueFrom(bad.request(sampleAt(0, 3)))).rejects.toMatchObject({
      code: "RESOURCE_CHANGED",
    });
  });
});
