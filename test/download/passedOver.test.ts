import { concat, defer, EMPTY, Subject, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { countPassedOver } from "../../src/download/countPassedOver.js";
import type { Peer } from "../../src/peers/Peer.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const chunkSize = 1000;
const file = someBytes(8 * chunkSize);
const manifest = await manifestOf(file, chunkSize);

/** A peer with which 10 bytes come before each answer, and 100 behind it, that nobody wants. */
function chatty(ranges: boolean, scheduler: VirtualTimeScheduler): Peer {
  const passedOver = new Subject<number>();
  const peer = scriptedPeer("A", file, { ranges, roundTripMs: 10, scheduler });
  const says = (bytes: number) => defer(() => (passedOver.next(bytes), EMPTY));
  return { ...peer, passedOver, request: (range) => concat(says(10), peer.request(range), says(100)) };
}

it.each([
  ["duplicate", true],
  ["restart", false],
] as const)("bytes that nobody wants are received once and wasted as %s, with ranges %s", (reason, ranges) => {
  const scheduler = new VirtualTimeScheduler();
  const told = play(() => [chatty(ranges, scheduler)], { manifest, scheduler });
  const [done] = told.of("download-completed");
  expect(done?.account).toMatchObject({ received: file.length + 880, waste: { [reason]: 880 } });
  expect(done?.account.bytesByPeer).toEqual({ A: file.length + 880 });
});

it("bytes that nobody wants count from the peers of the last list only, until it is unsubscribed", () => {
  const [stays, leaves] = [new Subject<number>(), new Subject<number>()];
  const peer = (id: string, passedOver: Subject<number>): Peer => ({
    id,
    ranges: true,
    request: () => EMPTY,
    passedOver,
  });
  const [a, b] = [peer("A", stays), peer("B", leaves)];
  const lists = new Subject<readonly Peer[]>();
  const received: (readonly [string, number])[] = [];
  const meter = { received: (id: string, bytes: number) => received.push([id, bytes]), wasted: () => undefined };
  const counting = countPassedOver(lists, meter).subscribe();
  const say = (): void => {
    for (const subject of [stays, leaves]) subject.next(1);
  };
  for (const list of [[a, b], [a]]) {
    lists.next(list);
    say();
  }
  counting.unsubscribe();
  say();
  expect(received).toEqual([
    ["A", 1],
    ["B", 1],
    ["A", 1],
  ]);
});
