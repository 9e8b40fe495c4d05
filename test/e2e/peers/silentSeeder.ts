import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { encodeMessage } from "../../../src/protocol/codec.js";
import { protocolVersion } from "../../../src/protocol/protocol.js";

/** A seeder that accepts connections, greets, and then says nothing whatever it is asked. */
export async function silentSeeder(host: string): Promise<{ readonly place: string; close(): Promise<unknown> }> {
  const server = new WebSocketServer({ host, port: 0 });
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.send(
      encodeMessage({ type: "hello", version: protocolVersion, limits: { frameBytes: 65_536, requests: 8 } }),
    );
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    place: `ws://${host}:${port}`,
    close: () => {
      for (const socket of server.clients) socket.terminate();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
