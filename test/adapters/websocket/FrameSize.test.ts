import fc from "fast-check";
import { firstValueFrom, Subject, VirtualTimeScheduler } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { FrameSize } from "../../../src/adapters/websocket/FrameSize.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, peerAt, scripted, wholeChunk } from "./harness.js";

const KiB = 1024;

/** The sizes of the messages that a line of this speed is asked for, one after the other, each request in answer to a message. */
function sizesAt(bytesPerMs: number, count: number, frames = new FrameSize()): number[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    const size = frames.asked(now);
    now += size / bytesPerMs;
    frames.came(size, now);
    return size / KiB;
  });
}

describe("the size of a connection's data messages", () => {
  it("The size of data messages doubles from 4 KiB to 256 KiB on a line that brings 256 KiB in 50 ms", () => {
    expect(sizesAt(256 * 20, 8)).toEqual([4, 8, 16, 32, 64, 128, 256, 256]);
  });

  it("The size of data messages is 256 KiB after the first 256 KiB, which were asked for in messages of 4 KiB", () => {
    const frames = new FrameSize();
    frames.asked(0);
    for (let at = 1; at <= 64; at++) frames.came(4 * KiB, at);
    expect(frames.asked(65)).toBe(256 * KiB);
  });

  it("The size of data messages does not grow by messages that are smaller than it, when a whole one would be late", () => {
    const frames = new FrameSize();
    frames.asked(0);
    for (let at = 1; at <= 20; at++) frames.came(4 * KiB, 30 * at);
    expect(frames.asked(600)).toBe(8 * KiB);
  });

  it("The size of data messages falls to 4 KiB on a line of 15 KB/s, and no lower", () => {
    const frames = new FrameSize();
    sizesAt(1e6, 3, frames);
    expect(sizesAt(15, 4, frames)).toEqual([32, 4, 4, 4]);
    expect(sizesAt(1, 3)).toEqual([4, 4, 4]);
  });

  it("The size of data messages stays where a message takes between 50 and 250 ms", () => {
    for (const ms of [51, 250]) {
      const frames = new FrameSize();
      sizesAt(1e6, 2, frames);
      expect(sizesAt((16 * KiB) / ms, 3, frames)).toEqual([16, 16, 16]);
    }
  });

  it("The size of data messages settles, on every line, where no message takes more than 250 ms", () => {
    fc.assert(
      fc.property(fc.double({ min: 17, max: 1e6, noNaN: true }), (bytesPerMs) => {
        const size = (sizesAt(bytesPerMs, 12).at(-1) ?? 0) * KiB;
        expect(size / bytesPerMs).toBeLessThanOrEqual(250);
        if (size < 256 * KiB) expect(size / bytesPerMs).toBeGreaterThan(25);
      }),
    );
  });

  it("The size of data messages falls at once when a line of large messages turns slow and the request is given up", () => {
    const frames = new FrameSize();
    sizesAt(1e6, 8, frames);
    expect(frames.asked(8)).toBe(256 * KiB);
    frames.gaveUp(8 + 16_000);
    frames.rest();
    expect(frames.asked(16_100)).toBe(4 * KiB);
  });

  it("The size of data messages stays when a request is given up at once", () => {
    const frames = new FrameSize();
    sizesAt(1e6, 2, frames);
    frames.rest();
    frames.asked(1000);
    frames.gaveUp(1250);
    expect(frames.asked(1250)).toBe(16 * KiB);
  });

  it("The size of data messages does not take a rest for slowness, nor what comes in it for speed", () => {
    const frames = new FrameSize();
    frames.asked(0);
    frames.came(1000, 10);
    frames.rest();
    frames.came(256 * KiB, 20);
    frames.asked(60_000);
    frames.came(4 * KiB, 60_100);
    expect(frames.asked(60_100)).toBe(4 * KiB);
  });
});

afterEach(cleanUp);

it("A connection asks for messages of 4 KiB at first, and for the largest once a chunk has come in no time", async () => {
  const mib = 1024 * KiB;
  const { manifest } = await memoryFile(3 * mib, mib);
  const server = await scripted((message, client) => {
    if (message.type !== "get-chunk") return;
    const { id, length, dataBytes = 0 } = message;
    for (let offset = 0; offset < length; offset += dataBytes) {
      client.say({ type: "data", id, offset, bytes: new Uint8Array(dataBytes) });
    }
    client.say({ type: "end", id });
  });
  const peer = peerAt(`${server.url}/${manifest.root}`, { scheduler: new VirtualTimeScheduler() });
  for (const chunk of [0, 1, 2]) await bytesOf(peer.request(wholeChunk(manifest, chunk)));
  const asked = server.heard.flatMap((message) => (message.type === "get-chunk" ? message.dataBytes : []));
  expect(asked).toEqual([4096, 262_144, 262_144]);
});

it("A connection asks for no more than 1,024 messages an answer, however small they begin", async () => {
  const asked = new Subject<number | undefined>();
  const server = await scripted((message) => {
    if (message.type === "get-chunk") asked.next(message.dataBytes);
  });
  const heard = firstValueFrom(asked);
  const range = { chunk: 0, offset: 0, length: 64 * 1024 * KiB - 1, position: 0 };
  const asking = peerAt(`${server.url}/${"ab".repeat(32)}`)
    .request(range)
    .subscribe();
  expect(await heard).toBe(64 * KiB);
  asking.unsubscribe();
});
