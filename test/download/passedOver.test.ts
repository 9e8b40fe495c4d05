import { concat, defer, EMPTY, Subject, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
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
] as const)("Bytes that nobody wants are received once and wasted as %s, with ranges %s", (reason, ranges) => {
  const scheduler = new VirtualTimeScheduler();
  let received = 0; // what a limit of the rate hears of
  const onReceived = (bytes: number): void => void (received += bytes);
  const told = play(() => [chatty(ranges, scheduler)], { manifest, scheduler, onReceived });
  const [done] = told.of("download-completed");
  expect(done?.account).toMatchObject({ received: file.length + 880, waste: { [reason]: 880 } });
  expect(received).toBe(file.length + 880);
  expect(done?.account.bytesByPeer).toEqual({ A: file.length + 880 });
});

it("Bytes that nobody wants count from the peers of the last list only, until the download is over", () => {
  const scheduler = new VirtualTimeScheduler();
  const [stays, leaves] = [new Subject<number>(), new Subject<number>()];
  const peers = new Subject<readonly Peer[]>();
  const slow = (id: string, passedOver: Subject<number>): Peer => ({
    ...scriptedPeer(id, file, { roundTripMs: 10, bytesPerSecond: 4000, scheduler }),
    passedOver,
  });
  const [a, b] = [slow("A", stays), slow("B", leaves)];
  const say = (): void => [stays, leaves].forEach((subject) => subject.next(1));
  const steps = [() => peers.next([a, b]), say, () => peers.next([a]), say];
  steps.forEach((step, n) => scheduler.schedule(step, 100 * n));
  const told = play(() => peers, { manifest, scheduler });
  expect(told.of("download-completed")[0]?.account.received).toBe(file.length + 3);
  expect([stays.observed, leaves.observed]).toEqual([false, false]);
});
