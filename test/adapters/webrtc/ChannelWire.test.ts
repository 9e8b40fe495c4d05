import { Subject } from "rxjs";
import { expect, it } from "vitest";
import { ChannelWire } from "../../../src/adapters/webrtc/ChannelWire.js";
import { HeldReplies } from "../../../src/adapters/webrtc/HeldReplies.js";
import type { RtcEar } from "../../../src/adapters/webrtc/RtcEngine.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";

/** A wire whose other end is the test. */
function wired() {
  let ear: RtcEar | undefined;
  let isHungUp = false;
  const lost = new Subject<DownloadError>();
  const channel = { buffered: 0, send: () => undefined, listen: (given: RtcEar) => void (ear = given) };
  const wire = new ChannelWire({ channel, lost, isLast: false, hangUp: () => void (isHungUp = true) }, "rtc:other");
  const heard: Uint8Array[] = [];
  const failures: unknown[] = [];
  wire.frames.subscribe({ next: (bytes) => heard.push(bytes), error: (error: unknown) => failures.push(error) });
  return { wire, heard, failures, lost, ear: () => ear, isHungUp: () => isHungUp };
}

it("A channel has its messages heard, paused or not, and has what keeps answers meanwhile", () => {
  const { wire, heard, ear, isHungUp } = wired();
  wire.pause();
  ear()?.message(Uint8Array.of(1));
  wire.resume();
  ear()?.message(Uint8Array.of(2));
  expect(heard.map(([byte]) => byte)).toEqual([1, 2]);
  expect(wire.held).toBeInstanceOf(HeldReplies);
  wire.close();
  expect(isHungUp()).toBe(true);
});

it("A channel that is closed, or whose connection is gone, ends as CONNECTION_LOST", () => {
  const [closed, broken] = [wired(), wired()];
  closed.ear()?.closed();
  expect(closed.failures).toMatchObject([{ code: "CONNECTION_LOST", message: "rtc:other closed the channel" }]);
  broken.lost.next(new DownloadError("CONNECTION_LOST", "broken"));
  expect(broken.failures).toMatchObject([{ message: "broken" }]);
});
