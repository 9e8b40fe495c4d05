import { Observable, Subject } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { HeldReplies } from "../../../src/adapters/webrtc/HeldReplies.js";
import type { Dial } from "../../../src/adapters/websocket/Dial.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import { decodeClientMessage, encodeMessage } from "../../../src/protocol/codec.js";
import type { ClientMessage, Hello, ServerMessage } from "../../../src/protocol/messages.js";
import { cleanUp, peerAt } from "../websocket/harness.js";

const root = "ab".repeat(32);
const hello: Hello = { type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 } };
const length = 100_000;

afterEach(cleanUp);

/** A peer over a wire whose sender nothing holds back, and a request to it for so many bytes. */
function asked() {
  const frames = new Subject<Uint8Array>();
  const paused = new Subject<boolean>();
  const said: ClientMessage[] = [];
  const dial: Dial = () =>
    new Observable((subscriber) => {
      subscriber.next({
        frames,
        unfinishedBytes: 0,
        held: new HeldReplies(),
        send: (frame) => void said.push(decodeClientMessage(frame)),
        pause: () => undefined,
        resume: () => undefined,
        close: () => undefined,
      });
      frames.next(encodeMessage(hello));
    });
  const peer = peerAt(`ws://server:1/${root}`, { dial, paused });
  const ended: string[] = [];
  const sizes: number[] = [];
  const first = new Subject<void>();
  let passedOver = 0;
  peer.passedOver.subscribe((bytes) => (passedOver += bytes));
  const asking = peer.request({ chunk: 0, offset: 0, length, position: 0 }).subscribe({
    next: (bytes) => {
      sizes.push(bytes.length);
      first.next();
      first.complete();
    },
    error: (error: unknown) => ended.push(error instanceof DownloadError ? error.code : "?"),
    complete: () => ended.push("complete"),
  });
  const say = (message: ServerMessage): void => frames.next(encodeMessage(message));
  const data = (offset: number, size = 1000): void => say({ type: "data", id: 1, offset, bytes: new Uint8Array(size) });
  const lost = (): void => frames.error(new DownloadError("CONNECTION_LOST", "gone"));
  return { peer, paused, said, first, sizes, ended, asking, say, data, lost, passedOver: () => passedOver };
}

it("What comes while reading is paused is heard when it goes on, in order, and news at once", () => {
  const { peer, paused, sizes, ended, say, data } = asked();
  paused.next(true);
  for (let n = 0; n < length / 1000; n++) data(n * 1000);
  say({ type: "end", id: 1 });
  say({ type: "have", root, chunks: Uint8Array.of(0b1011) });
  expect([sizes, ended, peer.isPartial, peer.held]).toEqual([[], [], true, 3]);
  paused.next(false);
  expect(sizes).toEqual(Array.from({ length: 100 }, () => 1000));
  expect(ended).toEqual(["complete"]);
});

it("Reading that is paused again by what was held holds the rest", () => {
  const { paused, sizes, data, first } = asked();
  paused.next(true);
  for (const offset of [0, 1000, 2000]) data(offset);
  first.subscribe(() => paused.next(true));
  paused.next(false);
  expect(sizes).toEqual([1000]);
  paused.next(false);
  expect(sizes).toEqual([1000, 1000, 1000]);
});

it.each([
  ["bytes", (n: number, { data }: ReturnType<typeof asked>) => data(n * 65_000, 65_000)],
  ["messages of next to nothing", (_: number, { say }: ReturnType<typeof asked>) => say({ type: "end", id: 1 })],
])("An end that sends %s without end while reading is paused is left, near what was asked for", (_, send) => {
  const wire = asked();
  wire.paused.next(true);
  let sent = 0;
  for (; sent < 100_000 && wire.ended.length === 0; sent++) send(sent, wire);
  expect(wire.ended).toEqual(["PROTOCOL_ERROR"]);
  expect(sent).toBeLessThan((2 * length + 1024 * 1024) / 256 + 2);
  expect(wire.passedOver()).toBeLessThan(2 * length + 1024 * 1024 + 65_000);
});

it("What was held of an answer is heard before the connection is lost, and of one that was given up it is passed over", () => {
  const [first, second] = [asked(), asked()];
  for (const { paused, data } of [first, second]) {
    paused.next(true);
    data(0);
    data(1000);
  }
  first.lost();
  expect([first.sizes, first.ended, first.passedOver()]).toEqual([[1000, 1000], ["CONNECTION_LOST"], 0]);
  second.asking.unsubscribe();
  expect(second.said.map(({ type }) => type)).toEqual(["hello", "get-chunk", "cancel"]);
  second.paused.next(false);
  expect([second.sizes, second.passedOver()]).toEqual([[], 2000]);
});
