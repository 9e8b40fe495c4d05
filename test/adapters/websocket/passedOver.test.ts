import type { Socket } from "node:net";
import { firstValueFrom, Subject } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, errorOf, peerAt, scripted, wholeChunk } from "./harness.js";

const mib = 1024 * 1024;
const { manifest } = await memoryFile(2 * mib, mib);

afterEach(cleanUp);

it("A server hears of the cancel, and bytes that come late are dropped and counted as passed over", async () => {
  const cancelled = new Subject<void>();
  const server = await scripted((message, client) => {
    if (message.type === "get-chunk" && message.index === 0) {
      client.say({ type: "data", id: message.id, offset: 0, bytes: new Uint8Array(10) });
    } else if (message.type === "cancel") {
      client.say({ type: "data", id: message.id, offset: 10, bytes: new Uint8Array(50) });
      client.say({ type: "end", id: message.id });
      cancelled.next();
    } else if (message.type === "get-chunk") {
      client.say({ type: "data", id: message.id, offset: 0, bytes: Uint8Array.of(7) });
      client.say({ type: "end", id: message.id });
    }
  });
  const peer = peerAt(`${server.url}/${manifest.root}`);
  const passedOver: number[] = [];
  peer.passedOver.subscribe((bytes) => passedOver.push(bytes));
  const heard = firstValueFrom(cancelled);
  await firstValueFrom(peer.request({ chunk: 0, offset: 0, length: 100, position: 0 }));
  await heard;
  expect([...(await bytesOf(peer.request({ chunk: 1, offset: 0, length: 1, position: mib })))]).toEqual([7]);
  expect(passedOver).toEqual([50]);
  expect(server.connections()).toBe(1);
});

it("Bytes that came of a message when the connection breaks are counted as passed over, and nothing of a goodbye", async () => {
  const server = await scripted((message, client) => {
    if (message.type !== "get-chunk") return;
    if (message.index === 1) client.socket.close(1001, "going away");
    else {
      const head = Buffer.from([0x82, 126, 0x10, 0]); // a message of 4,096 bytes
      const raw = Reflect.get(client.socket, "_socket") as Socket;
      raw.end(Buffer.concat([head, new Uint8Array(1000)]));
    }
  });
  const peer = peerAt(`${server.url}/${manifest.root}`);
  const passedOver: number[] = [];
  peer.passedOver.subscribe((bytes) => passedOver.push(bytes));
  expect(await errorOf(peer.request(wholeChunk(manifest, 0)))).toMatchObject({ code: "CONNECTION_LOST" });
  expect(passedOver).toEqual([1004]);
  expect(await errorOf(peer.request(wholeChunk(manifest, 1)))).toMatchObject({ code: "CONNECTION_LOST" });
  expect(passedOver).toEqual([1004]);
});
