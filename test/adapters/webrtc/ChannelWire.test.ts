import { NEVER } from "rxjs";
import { expect, it } from "vitest";
import { ChannelWire } from "../../../src/adapters/webrtc/ChannelWire.js";
import type { RtcEar } from "../../../src/adapters/webrtc/RtcEngine.js";

const frame = new Uint8Array(64 * 1024);

/** A wire whose other end is the test. */
function wired() {
  let ear: RtcEar | undefined;
  let isHungUp = false;
  const channel = { buffered: 0, send: () => undefined, listen: (given: RtcEar) => void (ear = given) };
  const wire = new ChannelWire({ channel, lost: NEVER, hangUp: () => void (isHungUp = true) }, "rtc:other");
  const heard: Uint8Array[] = [];
  const failures: unknown[] = [];
  wire.frames.subscribe({ next: (bytes) => heard.push(bytes), error: (error: unknown) => failures.push(error) });
  return { wire, heard, failures, say: (bytes: Uint8Array) => ear?.message(bytes), isHungUp: () => isHungUp };
}

it("What comes while reading is paused is heard when it goes on, in order", () => {
  const { wire, heard, say, failures } = wired();
  wire.pause();
  for (let n = 0; n < 100; n++) say(Uint8Array.of(n));
  expect(heard).toEqual([]);
  wire.resume();
  expect(heard.map(([n]) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(failures).toEqual([]);
});

it("An end that sends without end while reading is paused is left, and nothing of it is kept", () => {
  const { wire, heard, say, failures, isHungUp } = wired();
  wire.pause();
  for (let n = 0; n < 2100 && failures.length === 0; n++) say(frame);
  expect(failures).toMatchObject([{ code: "CONNECTION_LOST", peer: "rtc:other" }]);
  expect(isHungUp()).toBe(true);
  wire.resume();
  expect(heard).toEqual([]);
});

it("Messages of no bytes that come without end while reading is paused are too many, too", () => {
  const { wire, say, failures } = wired();
  wire.pause();
  for (let n = 0; n < 600_000 && failures.length === 0; n++) say(new Uint8Array());
  expect(failures).toMatchObject([{ code: "CONNECTION_LOST" }]);
});
