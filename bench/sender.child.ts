/** The bare loop's other end: sends a file's bytes in frames of 256 KiB to whoever connects, as fast as they are taken. */
import { open } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const [path = ""] = process.argv.slice(2);
const frameBytes = 256 * 1024;
const highWater = 4 * 1024 * 1024;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("listening", () => process.send?.({ port: (server.address() as AddressInfo).port }));
server.on("connection", (socket) => {
  void (async () => {
    const file = await open(path);
    for (let at = 0; ; at += frameBytes) {
      const frame = Buffer.allocUnsafe(frameBytes);
      const { bytesRead } = await file.read(frame, 0, frameBytes, at);
      if (bytesRead === 0) break;
      const sent = new Promise<void>((resolve) => socket.send(frame.subarray(0, bytesRead), () => resolve()));
      if (socket.bufferedAmount > highWater) await sent;
    }
    await file.close();
    socket.close();
  })();
});
process.on("disconnect", () => process.exit());
