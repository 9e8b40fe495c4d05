import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { decodeServerMessage, encodeMessage } from "../../../src/protocol/codec.js";
import type { ClientMessage } from "../../../src/protocol/messages.js";
import { it, MiB } from "./harness.js";
import type { SeederProcess } from "./SeederProcess.js";

const pairs = 4000;

/** Asks for a part of the file and cancels it, as fast as it can; resolves when the seeder has read all of that. */
async function askAndCancel({ peer, link }: SeederProcess): Promise<void> {
  const root = link.slice(peer.length + 1);
  const socket = new WebSocket(peer, ["tributary.v1"]);
  await once(socket, "open");
  const say = (message: ClientMessage): void => socket.send(encodeMessage(message));
  say({ type: "hello", version: 1, limits: { frameBytes: 300_000, requests: 0 } });
  for (let id = 0; id < pairs; id += 1) {
    say({ type: "get-chunk", id, root, index: id % 8, offset: 0, length: 256 * 1024 });
    say({ type: "cancel", id });
  }
  const read = new Promise<void>((resolve) => {
    socket.on("message", (frame: Buffer) => {
      const message = decodeServerMessage(frame);
      if ("id" in message && message.id === pairs) resolve();
    });
  });
  say({ type: "get-manifest", id: pairs, root, from: 0 });
  await read;
  socket.close();
}

it.skipIf(process.platform !== "linux")(
  "A seeder keeps its memory while clients ask and cancel thousands of times, and serves another one meanwhile",
  async ({ stage }) => {
    await stage.file(8 * MiB);
    const [seeder] = await stage.seed({ chunkSize: MiB });
    if (seeder === undefined) throw new Error("no seeder");
    const before = await seeder.peakMemory();
    const attack = Promise.all(Array.from({ length: 4 }, () => askAndCancel(seeder)));
    const get = stage.get([seeder]);
    await attack;
    expect(await get.exit).toBe(0);
    expect(await stage.isRight()).toBe(true);
    expect((await seeder.peakMemory()) - before).toBeLessThan(200 * MiB);
  },
);
