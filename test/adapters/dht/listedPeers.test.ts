import { defer, EMPTY, NEVER, type Observable, of, tap, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import type { NamedNode } from "../../../src/adapters/dht/DhtOptions.js";
import { keepListed } from "../../../src/adapters/dht/keepListed.js";
import { listedPeers } from "../../../src/adapters/dht/listedPeers.js";
import type { OpenTable, Taken } from "../../../src/adapters/dht/openTable.js";
import type { NamedAddress } from "../../../src/peers/NamedAddress.js";
import type { SearchNews } from "../../../src/peers/SearchNews.js";

const key = new Uint8Array(20);
const minute = 60_000;
const place = (n: number): NamedNode => ({ host: `198.51.100.${n}`, port: 7000 + n });

/** What is found until a time, and when the table is asked. */
function looked(
  until: number,
  answer: (asked: number, now: number) => Observable<NamedNode>,
  options: {
    readonly isPrivate?: boolean;
    readonly mayAsk?: (place: NamedNode) => boolean;
    readonly isAnswered?: boolean;
  } = {},
) {
  const { isPrivate = false, mayAsk = () => true, isAnswered = true } = options;
  const scheduler = new VirtualTimeScheduler();
  const asked: number[] = [];
  const lists: (readonly NamedAddress[])[] = [];
  const news: SearchNews[] = [];
  // A lookup is cold, as the real one is: it asks when it is subscribed.
  const lookup: OpenTable["lookup"] = (_key, ended) =>
    defer(() => {
      asked.push(scheduler.now());
      return answer(asked.length, scheduler.now()).pipe(tap({ complete: () => ended(isAnswered) }));
    });
  const table = { isPrivate, lookup, whySilent: () => "nobody answers" };
  const hear = (each: SearchNews): void => void news.push(each);
  const watch = listedPeers(table, key, { mayAsk, hear, scheduler }).subscribe((list) => lists.push(list));
  scheduler.maxFrames = until;
  scheduler.flush();
  watch.unsubscribe();
  return { asked, lists, news, last: (lists.at(-1) ?? []).map(({ url }) => url) };
}

describe("peers that a table lists", () => {
  it("A file that nobody serves is looked for every half minute", () => {
    const { asked, lists } = looked(10 * minute, () => EMPTY);
    expect(asked).toEqual(Array.from({ length: 21 }, (_, n) => n * 30_000));
    expect(lists).toEqual([]);
  });

  it("A file that is found is looked for every half minute for five minutes, and every five minutes then", () => {
    const { asked } = looked(21 * minute, () => of(place(1)));
    const early = Array.from({ length: 11 }, (_, n) => n * 30_000);
    expect(asked).toEqual([...early, 10 * minute, 15 * minute, 20 * minute]);
  });

  it("A place that is told again and again is emitted once", () => {
    const { lists } = looked(4 * minute, () => of(place(1), place(1), place(2), place(1)));
    expect(lists.map((list) => list.length)).toEqual([1, 2]);
  });

  it("Places of a public table lead nowhere else, those of a private one may", () => {
    const found = (isPrivate: boolean) => looked(0, () => of(place(1)), { isPrivate }).lists.flat();
    const url = "ws://198.51.100.1:7001";
    expect(found(false)).toEqual([{ url, publicOnly: true, source: "dht" }]);
    expect(found(true)).toEqual([{ url, publicOnly: false, source: "dht" }]);
  });

  it("A place that may not be asked is as if nobody had told it", () => {
    const mayAsk = ({ port }: NamedNode): boolean => port !== 7001;
    expect(looked(0, () => of(place(1), place(2)), { mayAsk }).last).toEqual(["ws://198.51.100.2:7002"]);
  });

  it("A flood of places drives out none that is still told of, and is bounded", () => {
    const flood = Array.from({ length: 500 }, (_, n) => place(n));
    const { last } = looked(2 * minute, (count) => (count === 1 ? of(place(900)) : of(place(900), ...flood)));
    expect(last).toHaveLength(100);
    expect(last).toContain("ws://198.51.100.900:7900");
  });

  it("A place that nobody has told of for a quarter of an hour makes room", () => {
    const first = Array.from({ length: 100 }, (_, n) => place(n));
    const { last } = looked(60 * minute, (_, now) => (now < minute ? of(...first) : of(place(900))));
    expect(last).toContain("ws://198.51.100.900:7900");
    expect(last).toHaveLength(100);
  });
});

describe("news of a search", () => {
  it("A table in which nobody answers is told apart from one that lists nobody, and from one that lists only whom nobody may ask", () => {
    const newsOf = (...given: Parameters<typeof looked>) => looked(...given).news;
    expect(newsOf(0, () => EMPTY, { isAnswered: false })).toEqual([
      { by: "dht", outcome: "silent", message: "nobody answers" },
    ]);
    expect(newsOf(0, () => EMPTY)).toMatchObject([
      {
        outcome: "unknown",
        message: expect.stringMatching(/lists nobody for this file; expected somebody who announces/) as string,
      },
    ]);
    expect(newsOf(0, () => of(place(1)), { mayAsk: () => false })).toMatchObject([
      {
        outcome: "unknown",
        message: expect.stringMatching(/nobody who may be asked for this file; expected others than this/) as string,
      },
    ]);
    expect(newsOf(0, () => of(place(1)))).toMatchObject([{ outcome: "found" }]);
  });
});

describe("announcements", () => {
  /** The times at which a port is announced, when so many nodes take it each time. */
  const announced = (taken: readonly number[], until: number): readonly number[] => {
    const scheduler = new VirtualTimeScheduler();
    const times: number[] = [];
    const announce = (): Observable<Taken> =>
      defer(() => {
        times.push(scheduler.now());
        const nodes = taken[times.length - 1];
        return nodes === undefined ? NEVER : of({ nodes });
      });
    const watch = keepListed({ announce }, key, 7000, scheduler).subscribe();
    scheduler.maxFrames = until;
    scheduler.flush();
    watch.unsubscribe();
    return times;
  };

  it("A seeder is announced again every ten minutes", () => {
    expect(announced([3, 3, 3, 3], 25 * minute)).toEqual([0, 10 * minute, 20 * minute]);
  });

  it("A seeder that no node took is announced again after half a minute", () => {
    expect(announced([0, 0, 2, 2], 12 * minute)).toEqual([0, 30_000, minute, 11 * minute]);
  });
});
