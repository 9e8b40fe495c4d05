import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Manifest } from "rx-tributary";
import { WebSocketServer } from "ws";
import { decodeClientMessage, encodeMessage } from "../../src/protocol/codec.js";
import type { ServerMessage } from "../../src/protocol/messages.js";
import type { HostileSeeder, Victim } from "./seeders.js";

/** A server that is up. */
export interface Listening {
  readonly source: string;
  /** Its name in events. */
  readonly peer: string;
  readonly close: () => Promise<unknown>;
}

/** Starts a hostile seeder of a file. */
export async function startSeeder(
  { saysHello = true, greets, asked }: HostileSeeder,
  { manifest, bytes }: { readonly manifest: Manifest; readonly bytes: Buffer },
  host: string,
): Promise<Listening> {
  const server = new WebSocketServer({ port: 0, host, handleProtocols: () => "tributary.v1" });
  const { root, chunkSize, size, name, digests } = manifest;
  server.on("connection", (socket) => {
    const timers: NodeJS.Timeout[] = [];
    const raw = (frame: Uint8Array | string): void => {
      // A client that does not read is not to fill the memory of the bench.
      if (socket.readyState === socket.OPEN && socket.bufferedAmount < 8_000_000) socket.send(frame, () => undefined);
    };
    const say = (message: ServerMessage): void => raw(encodeMessage(message));
    const victim: Victim = {
      socket,
      raw,
      say,
      bytesFor: ({ index, offset, length }) =>
        bytes.subarray(index * chunkSize + offset, index * chunkSize + offset + length),
      manifestFor: ({ id, from }) => {
        const told = { type: "manifest", id, root, size, chunkSize, name, from } as const;
        return { ...told, total: digests.length / 32, digests: digests.subarray(32 * from) };
      },
      every: (ms, work) => void timers.push(setInterval(work, ms)),
    };
    socket.on("error", () => undefined);
    socket.on("close", () => timers.forEach(clearInterval));
    if (saysHello) say({ type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 } });
    greets?.(victim);
    socket.on("message", (frame: Buffer) => {
      const message = decodeClientMessage(frame);
      if (message.type !== "hello") asked?.(message, victim);
    });
  });
  await once(server, "listening");
  const peer = `ws://${host}:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate();
    server.close();
    await once(server, "close");
  };
  return { source: `${peer}/${root}`, peer, close };
}
