/** A line to a server that can become slow or silent: a TCP proxy whose answers have a speed. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** So often a slow line lets something through, ms. */
const beatMs = 20;

export interface LinkOrder {
  readonly targetHost: string;
  readonly targetPort: number;
  /** Where it listens. */
  readonly host: string;
  /** Bytes a second of all connections together. */
  readonly bytesPerSecond: number;
  /** From so many bytes on it has another speed; 0 is silence. */
  readonly change?: { readonly afterBytes: number; readonly bytesPerSecond: number };
}

export interface Link {
  readonly port: number;
  /** Bytes of answers that went through. */
  passedBytes(): number;
  /** From now on it has this speed, bytes a second. */
  become(bytesPerSecond: number): void;
  /** Drops all connections and stops listening. */
  close(): Promise<void>;
}

export async function openLink({ targetHost, targetPort, host, bytesPerSecond, change }: LinkOrder): Promise<Link> {
  const sockets = new Set<Socket>();
  let passed = 0;
  let became: number | undefined;
  const speedNow = (): number =>
    became ?? (change !== undefined && passed >= change.afterBytes ? change.bytesPerSecond : bytesPerSecond);

  /** Lets answers through at the line's speed, as one line: what one connection takes, the others lack. */
  let allowance = 0;
  const waiting: { readonly bytes: Buffer; readonly to: Socket; readonly done: () => void }[] = [];
  const beat = setInterval(() => {
    allowance = Math.min(allowance + (speedNow() * beatMs) / 1000, Math.max(65_536, (speedNow() * beatMs) / 500));
    let turns = waiting.length;
    while (turns-- > 0 && allowance >= 1) {
      const [next] = waiting.splice(0, 1);
      if (next === undefined) break;
      const now = next.bytes.subarray(0, Math.min(next.bytes.length, Math.floor(allowance), 16_384));
      allowance -= now.length;
      passed += now.length;
      next.to.write(now);
      if (now.length === next.bytes.length) next.done();
      else waiting.push({ ...next, bytes: next.bytes.subarray(now.length) });
      if (now.length < next.bytes.length) turns++;
    }
  }, beatMs);

  const server = createServer((client) => {
    const upstream = connect(targetPort, targetHost);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined); // its close is told to the other side
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (bytes: Buffer) => {
      upstream.pause();
      waiting.push({ bytes, to: client, done: () => upstream.resume() });
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    passedBytes: () => passed,
    become: (speed) => void (became = speed),
    close: async () => {
      clearInterval(beat);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
