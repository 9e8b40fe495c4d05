import { of, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { askingAgain, exchangeOf } from "../../../src/assembly/node/exchangeOf.js";
import type { NamedAddress } from "../../../src/peers/NamedAddress.js";
import { SharedFiles } from "../../../src/seeder/SharedFiles.js";
import { servingClientsOf } from "../../../src/seeder/servingClientsOf.js";

const root = "ab".repeat(32);
const [first, second] = ["ws://192.0.2.7:7001", "ws://192.0.2.8:7001"] as const;
const kept = (...urls: readonly string[]): readonly NamedAddress[] =>
  urls.map((url) => ({ url, publicOnly: true, source: "record" }));

/** One exchange in virtual time. Nobody is there until `up` has him: each place of a list that is new is dialled, and what does not answer is told. */
function stage(...known: readonly string[]) {
  const clock = new VirtualTimeScheduler();
  const shared = new SharedFiles();
  const clients = servingClientsOf(shared);
  const exchange = exchangeOf(root, { shared, clock, kept: of(kept(...known)) });
  const up = new Set<string>();
  const dials: { readonly place: string; readonly at: number }[] = [];
  let here: ReadonlySet<string> = new Set();
  const places = exchange.places.subscribe((list) => {
    const before = here;
    here = new Set(list.map(({ url }) => url));
    for (const place of here) if (!before.has(place)) clock.schedule(() => dial(place), 10);
  });
  const dial = (place: string): void => {
    dials.push({ place, at: clock.now() });
    if (!up.has(place)) exchange.unanswered(place);
  };
  return {
    up,
    dials,
    exchange,
    here: () => [...here],
    at: (ms: number, then: () => void) => clock.schedule(then, ms),
    until: (ms: number) => {
      clock.schedule(() => places.unsubscribe(), ms);
      clock.flush();
    },
    comes: (place: string, connection: object = {}) =>
      clients.add(root, { place, address: new URL(place).hostname, scope: "public" }, connection),
    leaves: (place: string, connection: object) => clients.left(root, place, connection, clock.now()),
  };
}

it("Peers of an earlier run that are not there are asked again every 8 s, each, and no more when they are", () => {
  const { up, dials, here, at, until } = stage(first, second);
  at(20_000, () => up.add(first));
  until(40_000);
  const of = (dialled: string) => dials.flatMap(({ place, at }) => (place === dialled ? [at] : []));
  expect(of(first)).toEqual([10, 8020, 16_030, 24_040]);
  expect(of(second)).toEqual([10, 8020, 16_030, 24_040, 32_050]);
  expect(here()).toEqual([first]);
});

it("Peers of an earlier run that stay away are asked less often after five minutes", () => {
  const { dials, until } = stage(first);
  until(askingAgain.soonForMs + 10 * askingAgain.laterMs);
  const late = dials.filter(({ at }) => at > askingAgain.soonForMs + askingAgain.soonMs);
  expect(late.length).toBeGreaterThan(8);
  expect(late.length).toBeLessThan(11);
});

it("A peer of an earlier run that comes itself is asked at once; where its port leads nowhere it is asked no more often than before", () => {
  const { dials, at, until, comes } = stage(first);
  for (let n = 1; n <= 5; n += 1) at(n * 1000, () => comes(first));
  until(30_000);
  expect(dials.map(({ at }) => at)).toEqual([10, 1010, 9020, 17_030, 25_040]);
});

it("One of whom others told, and who did not answer, is asked again when it comes itself, also when it comes back", () => {
  const { dials, exchange, at, until, comes, leaves } = stage();
  const connection = {};
  at(0, () =>
    exchange.hear({ teller: "ws://teller", remote: { address: "192.0.2.1", scope: "public" }, places: [first] }),
  );
  at(1000, () => comes(first, connection));
  at(60_000, () => leaves(first, connection));
  at(61_000, () => comes(first));
  until(500_000);
  expect(dials.map(({ at }) => at)).toEqual([10, 1010, 61_010]);
});
