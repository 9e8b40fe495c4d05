import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { HostileServer } from "./servers.js";
import type { Listening } from "./startSeeder.js";

/** Starts a hostile HTTP server of these bytes. */
export async function startServer({ answer }: HostileServer, bytes: Buffer, host: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const timers: NodeJS.Timeout[] = [];
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      timers.forEach(clearInterval);
    });
    socket.on("data", (request: Buffer) => {
      const [, from = "0", to = ""] = /range: bytes=(\d+)-(\d*)/i.exec(request.toString("latin1")) ?? [];
      const first = Number(from);
      const end = to === "" ? bytes.length : Number(to) + 1;
      const every = (ms: number, work: () => void): void => void timers.push(setInterval(work, ms));
      answer({ socket, first, bytes: bytes.subarray(first, end), size: bytes.length, every });
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  const source = `http://${host}:${(server.address() as AddressInfo).port}/file.bin`;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { source, peer: source, close };
}
