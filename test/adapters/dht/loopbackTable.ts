import DHT from "bittorrent-dht";
import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A table of three nodes on this machine. */
export interface LoopbackTable {
  /** The nodes, each as `host:port`. */
  readonly bootstrap: readonly string[];
  close(): void;
}

/** Opens three nodes that know each other, and emit what they are told for as long as they are there. */
export async function loopbackTable(): Promise<LoopbackTable> {
  const nodes: DHT[] = [];
  const bootstrap: string[] = [];
  for (let count = 0; count < 3; count++) {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const known = bootstrap.map((text) => ({ host: "127.0.0.1", port: Number(text.split(":")[1]) }));
    nodes.push(new DHT({ bootstrap: known, socket }));
    bootstrap.push(`127.0.0.1:${socket.address().port}`);
  }
  return { bootstrap, close: () => nodes.forEach((node) => node.destroy()) };
}
