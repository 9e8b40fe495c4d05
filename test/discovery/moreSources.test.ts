import { defer, firstValueFrom, lastValueFrom, NEVER, of, Subject, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { moreSources } from "../../src/discovery/moreSources.js";

const root = "ab".repeat(32);
const quiet = (): void => expect.unreachable();
const wanted = { root, places: ["ws://a:1"], mirrors: ["http://m/f"] };

describe("sources that come later", () => {
  it("No sources come later when no more are awaited", async () => {
    const { links, mirrors } = moreSources(wanted, undefined, quiet);
    expect((await lastValueFrom(links.pipe(toArray()))).at(-1)).toEqual([`ws://a:1/${root}`]);
    expect((await lastValueFrom(mirrors.pipe(toArray()))).at(-1)).toEqual(["http://m/f"]);
  });

  it("A Metalink that names nobody is told to, at once, with what helps, where nobody can come later", async () => {
    const nobody = { places: [], mirrors: [], name: "film.mkv" };
    for (const { asked, help } of [
      {
        asked: { ...nobody, root },
        help: /a mirror, or a seeder \(tributary get -p ws:\/\/host:port\), or .* \(tributary get --dht, --lan\)$/,
      },
      { asked: nobody, help: /give the http\(s\) address of a mirror$/ },
    ]) {
      const { links, mirrors } = moreSources(asked, undefined, quiet);
      for (const list of [links, mirrors]) {
        const error: unknown = await lastValueFrom(list).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: "NOBODY_NAMED", message: expect.stringMatching(help) as string });
        expect(String(error)).toContain('the Metalink names no mirror and no seeder of "film.mkv"');
      }
    }
    const seen: (readonly string[])[] = [];
    const coming = moreSources({ ...nobody, root }, NEVER, quiet).links.subscribe((all) => seen.push(all));
    expect(seen).toEqual([[]]);
    coming.unsubscribe();
  });

  it("Later sources are sorted into links and mirrors, go after those that were named, and are each there once", async () => {
    const more = of([`ws://b:2/${root}`, "ws://a:1", "HTTP://M/f", "http://n/f#here", "ws://c:3"]);
    const { links, mirrors } = moreSources(wanted, more, quiet);
    expect((await lastValueFrom(links.pipe(toArray()))).at(-1)).toEqual(
      ["ws://a:1", "ws://b:2", "ws://c:3"].map((place) => `${place}/${root}`),
    );
    expect((await lastValueFrom(mirrors.pipe(toArray()))).at(-1)).toEqual([
      "http://m/f",
      expect.stringContaining("http://n/f"),
    ]);
  });

  it("Later sources go when they are no longer named, while the first ones stay", () => {
    const more = new Subject<readonly string[]>();
    const seen: (readonly string[])[] = [];
    const { mirrors } = moreSources(wanted, more, quiet);
    const watch = mirrors.subscribe((all) => seen.push(all));
    more.next(["http://n/f"]);
    more.next([]);
    expect(seen).toEqual([["http://m/f"], ["http://m/f", "http://n/f"], ["http://m/f"]]);
    watch.unsubscribe();
    expect(more.observed).toBe(false);
  });

  it("Later sources that somebody else named are sorted as those of the user", () => {
    const more = of(["ws://b:2", "http://n/f"].map((url) => ({ url, publicOnly: true, source: "dht" as const })));
    const { links, mirrors } = moreSources(wanted, more, quiet);
    const last: unknown[] = [];
    links.subscribe((all) => (last[0] = all));
    mirrors.subscribe((all) => (last[1] = all));
    expect(last).toEqual([
      [`ws://a:1/${root}`, `ws://b:2/${root}`],
      ["http://m/f", "http://n/f"],
    ]);
  });

  it("Later sources are asked for once, whoever looks at them", () => {
    let asked = 0;
    const more = defer(() => {
      asked++;
      return NEVER;
    });
    const { links, mirrors } = moreSources(wanted, more, quiet);
    const watches = [links.subscribe(), mirrors.subscribe()];
    expect(asked).toBe(1);
    for (const watch of watches) watch.unsubscribe();
  });

  it("Later sources are mirrors only where no root is known, and others are told of once", () => {
    const file = { places: [], mirrors: ["http://m/f"] };
    const told: string[] = [];
    const all: (readonly string[])[] = [];
    const more = of([`ws://b:2/${root}`], [`ws://b:2/${root}`, "ws://c:3"]);
    moreSources(file, more, (text) => told.push(text)).links.subscribe((links) => all.push(links));
    expect(all.flat()).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^ws:\/\/b:2 is not/), expect.stringMatching(/^ws:\/\/c:3 is not/)]);
  });

  it("Later sources that are links to another file are a TypeError", async () => {
    const { links } = moreSources(wanted, of([`ws://b:2/${"cd".repeat(32)}`]), quiet);
    await expect(lastValueFrom(links)).rejects.toThrow(
      new TypeError(`"ws://b:2/${"cd".repeat(32)}" is a link to another file; expected ${root}`),
    );
    await expect(firstValueFrom(moreSources(wanted, of(["ws://"]), quiet).links.pipe(toArray()))).rejects.toThrow(
      TypeError,
    );
  });
});
