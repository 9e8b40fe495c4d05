import { defer, of, Subject, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { moreSources } from "../../src/assembly/moreSources.js";

const root = "ab".repeat(32);
const mine = { root, places: ["ws://a:1"], mirrors: ["http://m/f"] };

function heard<T>(source: Observable<T>): T[] {
  const values: T[] = [];
  source.subscribe((value) => values.push(value));
  return values;
}

describe("sources that come later", () => {
  it("are sorted into links and mirrors, beside those that were named first", () => {
    const more = new Subject<readonly string[]>();
    const { links, mirrors } = moreSources(mine, more);
    const [allLinks, allMirrors] = [heard(links), heard(mirrors)];
    more.next([`ws://b:2/${root}`, "wss://c:3", "https://n/f", "HTTP://u:p@m/g"]);
    more.next([]);
    const first = [`ws://a:1/${root}`];
    expect(allLinks).toEqual([first, [...first, `ws://b:2/${root}`, `wss://c:3/${root}`], first]);
    expect(allMirrors).toEqual([["http://m/f"], ["http://m/f", "https://n/f", "http://u:p@m/g"], ["http://m/f"]]);
  });

  it("are each there once", () => {
    const { links, mirrors } = moreSources(mine, of([`ws://a:1/${root}`, "ws://a:1", "http://m/f", "http://m/f"]));
    expect(heard(links).at(-1)).toEqual([`ws://a:1/${root}`]);
    expect(heard(mirrors).at(-1)).toEqual(["http://m/f"]);
  });

  it("are listened to once, by whoever asks first, and let go with the last one", () => {
    let listened = 0;
    const more = new Subject<readonly string[]>();
    const counted = defer(() => {
      listened++;
      return more;
    });
    const { links, mirrors } = moreSources(mine, counted);
    expect(listened).toBe(0);
    const both = [links.subscribe(), mirrors.subscribe()];
    expect(listened).toBe(1);
    for (const subscription of both) subscription.unsubscribe();
    expect(more.observed).toBe(false);
  });

  it("need not be: then all is known at once", () => {
    const { links, mirrors } = moreSources(mine, undefined);
    expect([heard(links).at(-1), heard(mirrors).at(-1)]).toEqual([[`ws://a:1/${root}`], ["http://m/f"]]);
  });

  it.each([
    [`ws://b:2/${"cd".repeat(32)}`, /is a link to another file; expected abab/],
    ["ftp://b/f", /ftp/],
    ["http://", /no address of a mirror/],
  ])("that cannot be, like %s, end it all with a TypeError", (text, message) => {
    const { links, mirrors } = moreSources(mine, of([text]));
    const errors: unknown[] = [];
    for (const source of [links, mirrors]) {
      (source as Observable<unknown>).subscribe({ error: (error: unknown) => errors.push(error) });
    }
    expect(errors).toHaveLength(2);
    for (const error of errors) {
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(message);
    }
  });
});

describe("a file that only mirrors vouch for", () => {
  it("has no links", () => {
    const { links, mirrors } = moreSources({ places: [], mirrors: ["http://m/f"] }, of(["ws://b:2", "http://n/f"]));
    expect([heard(links).at(-1), heard(mirrors).at(-1)]).toEqual([[], ["http://m/f", "http://n/f"]]);
  });
});
