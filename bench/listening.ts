import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Resolves when somebody listens there; rejects after 10 s. */
export async function listening(host: string, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, host);
    const up = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return;
    await setTimeout(50);
  }
  throw new Error(`nobody listens on ${host}:${port}`);
}
