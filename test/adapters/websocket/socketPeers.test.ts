import { BehaviorSubject, defer, EMPTY, filter, firstValueFrom, lastValueFrom, of, Subject, toArray } from "rxjs";
import { expect, it } from "vitest";
import { socketPeers } from "../../../src/adapters/websocket/socketPeers.js";

const link = (port: number): string => `ws://127.0.0.1:${port}/${"a".repeat(64)}`;
const options = { dial: () => EMPTY };

it("Nobody is there while there are no links", async () => {
  expect(await lastValueFrom(socketPeers(of([], []), options).pipe(toArray()))).toEqual([[], []]);
});

it("The peers behind the newest links are there when the code for them is", async () => {
  const links = new Subject<readonly string[]>();
  const peers = firstValueFrom(socketPeers(links, options).pipe(filter(({ length }) => length > 0)));
  links.next([]);
  links.next([link(1)]);
  links.next([link(2), link(3)]);
  links.complete();
  expect((await peers).map(({ id }) => id)).toEqual(["ws://127.0.0.1:2", "ws://127.0.0.1:3"]);
});

it("Links are subscribed once, and left by whoever leaves the peers", async () => {
  let subscriptions = 0;
  const links = new BehaviorSubject<readonly string[]>([link(1)]);
  const counted = defer(() => {
    subscriptions += 1;
    return links;
  });
  await firstValueFrom(socketPeers(counted, options).pipe(filter(({ length }) => length > 0)));
  expect({ subscriptions, observed: links.observed }).toEqual({ subscriptions: 1, observed: false });
});

it("A link that is none fails the peers", async () => {
  await expect(lastValueFrom(socketPeers(of(["ws://127.0.0.1:1/short"]), options))).rejects.toThrow(TypeError);
});
