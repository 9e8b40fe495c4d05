import { defer, firstValueFrom, lastValueFrom, NEVER, of, Subject, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { moreSources } from "../../src/assembly/moreSources.js";
import { parseChecksum } from "../../src/assembly/parseChecksum.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { toHex } from "../../src/manifest/hex.js";
import { readHeaders } from "../../src/cli/options/headers.js";

const root = "ab".repeat(32);
const wanted = { root, places: ["ws://a:1"], mirrors: ["http://m/f"] };

describe("sources that come later", () => {
  it("are none, when no more are awaited", async () => {
    const { links, mirrors } = moreSources(wanted, undefined);
    expect((await lastValueFrom(links.pipe(toArray()))).at(-1)).toEqual([`ws://a:1/${root}`]);
    expect((await lastValueFrom(mirrors.pipe(toArray()))).at(-1)).toEqual(["http://m/f"]);
  });

  it("are sorted into links and mirrors, go after those that were named, and are each there once", async () => {
    const more = of([`ws://b:2/${root}`, "ws://a:1", "HTTP://M/f", "http://n/f#here", "ws://c:3"]);
    const { links, mirrors } = moreSources(wanted, more);
    expect((await lastValueFrom(links.pipe(toArray()))).at(-1)).toEqual(
      ["ws://a:1", "ws://b:2", "ws://c:3"].map((place) => `${place}/${root}`),
    );
    expect((await lastValueFrom(mirrors.pipe(toArray()))).at(-1)).toEqual([
      "http://m/f",
      expect.stringContaining("http://n/f"),
    ]);
  });

  it("go when they are no longer named, while the first ones stay", () => {
    const more = new Subject<readonly string[]>();
    const seen: (readonly string[])[] = [];
    const { mirrors } = moreSources(wanted, more);
    const watch = mirrors.subscribe((all) => seen.push(all));
    more.next(["http://n/f"]);
    more.next([]);
    expect(seen).toEqual([["http://m/f"], ["http://m/f", "http://n/f"], ["http://m/f"]]);
    watch.unsubscribe();
    expect(more.observed).toBe(false);
  });

  it("are asked for once, whoever looks at them", () => {
    let asked = 0;
    const more = defer(() => {
      asked++;
      return NEVER;
    });
    const { links, mirrors } = moreSources(wanted, more);
    const watches = [links.subscribe(), mirrors.subscribe()];
    expect(asked).toBe(1);
    for (const watch of watches) watch.unsubscribe();
  });

  it("are mirrors only where no root is known", async () => {
    const file = { places: [], mirrors: ["http://m/f"] };
    const { links } = moreSources(file, of([`ws://b:2/${root}`]));
    expect(await lastValueFrom(links)).toEqual([]);
  });

  it("that are links to another file are a TypeError", async () => {
    const { links } = moreSources(wanted, of([`ws://b:2/${"cd".repeat(32)}`]));
    await expect(lastValueFrom(links)).rejects.toThrow(
      new TypeError(`"ws://b:2/${"cd".repeat(32)}" is a link to another file; expected ${root}`),
    );
    await expect(firstValueFrom(moreSources(wanted, of(["ws://"])).links.pipe(toArray()))).rejects.toThrow(TypeError);
  });
});

describe("a checksum", () => {
  const hex = "0123456789abcdef".repeat(4);

  it.each([`sha-256=${hex}`, `sha256=${hex}`, `SHA-256=${hex.toUpperCase()}`])("is read from %s", (text) => {
    expect(toHex(parseChecksum(text))).toBe(hex);
  });

  it.each(["", hex, "sha-256=", `sha-256=${hex}0`, `sha-256=${hex.slice(2)}`, `sha-1=${hex}`, `md5=${hex}`])(
    "is not %j",
    (text) => {
      expect(() => parseChecksum(text)).toThrow(TypeError);
      expect(() => parseChecksum(text)).toThrow("it must be sha-256= and 64 hex digits");
    },
  );

  it("that is long is not repeated as a whole", () => {
    expect(() => parseChecksum("x".repeat(1000))).toThrow(
      `checksum is "${"x".repeat(120)}"; it must be sha-256= and 64 hex digits`,
    );
  });
});

describe("the root of a file without digests", () => {
  const rootOf = (size: number) => plainFile({ name: "f", size }, sha256).root;

  it("says how long it is, and nothing else", () => {
    expect(rootOf(5)).toMatch(/^[0-9a-f]{64}$/);
    expect(plainFile({ name: "g", size: 5, sha256: new Uint8Array(32) }, sha256).root).toBe(rootOf(5));
    expect(new Set([rootOf(0), rootOf(5), rootOf(2 ** 32 + 5), rootOf(2 ** 40)]).size).toBe(4);
  });

  it("goes with a chunk size as in a manifest, and no digests", () => {
    expect(plainFile({ name: "f", size: 2 ** 40 }, sha256)).toMatchObject({ chunkSize: 2 ** 25, size: 2 ** 40 });
    expect(plainFile({ name: "f", size: 1 }, sha256)).not.toHaveProperty("digests");
  });
});

describe("headers of the command line", () => {
  it("are kept by host", () => {
    expect(readHeaders(["A.example=X-One: 1", "a.example=X-Two: a: b=c", "b:80=X-One: 2"])).toEqual({
      "a.example": { "X-One": "1", "X-Two": "a: b=c" },
      "b:80": { "X-One": "2" },
    });
    expect(readHeaders()).toEqual({});
  });

  it.each(["", "X-One: 1", "a=X-One", "a=X-One:", "=X-One: 1", "a b=X-One: 1"])("are not %j", (text) => {
    expect(() => readHeaders([text])).toThrow("--header must be HOST=NAME: VALUE");
  });

  it("that are wrong are not repeated, because they may be secret", () => {
    expect(() => readHeaders(["Authorization: secret"])).toThrow(/^(?!.*secret)/s);
  });
});
