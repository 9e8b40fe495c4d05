import { once } from "node:events";
import { WebSocket } from "ws";
import { encodeMessage } from "../../src/protocol/codec.js";
import type { ClientMessage } from "../../src/protocol/messages.js";
import { helloMessage } from "./clients.js";

/** Frames of one connection: the first that is no message ends it. */
const perConnection = 25;
const lanes = 8;

/** Sends mutated frames over ever new connections until so many are sent, or the signal. */
export async function sendFrames(
  link: string,
  frames: number,
  signal: AbortSignal,
  random: () => number,
): Promise<{ readonly frames: number; readonly connections: number }> {
  const at = link.lastIndexOf("/");
  const root = link.slice(at + 1);
  const whole = (below: number): number => Math.floor(random() * below);
  let sent = 0;
  let connections = 0;
  const lane = async (): Promise<void> => {
    while (sent < frames && !signal.aborted) {
      const socket = new WebSocket(link.slice(0, at), ["tributary.v1"]);
      socket.on("error", () => undefined);
      socket.on("open", () => {
        connections += 1;
        if (whole(10) > 0) socket.send(encodeMessage(helloMessage));
        for (let count = 0; count < perConnection; count += 1, sent += 1) socket.send(mutated(root, whole));
        socket.close();
      });
      const closed = once(socket, "close");
      const limit = setTimeout(() => socket.terminate(), 5000);
      await closed;
      clearTimeout(limit);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { frames: sent, connections };
}

/** A message of a client in which bytes were changed, cut out or put in. */
function mutated(root: string, whole: (below: number) => number): Uint8Array {
  const id = whole(2 ** 32);
  const messages: readonly [ClientMessage, ...ClientMessage[]] = [
    helloMessage,
    { type: "get-chunk", id, root, index: whole(8), offset: 0, length: 1024 },
    { type: "get-manifest", id, root, from: 0 },
    { type: "cancel", id },
  ];
  const bytes = [...encodeMessage(messages[whole(messages.length)] ?? messages[0])];
  for (let changes = whole(4); changes >= 0; changes -= 1) {
    const place = whole(bytes.length);
    const how = whole(3);
    if (how === 0) bytes[place] = whole(256);
    else if (how === 1) bytes.splice(place, whole(8));
    else bytes.splice(place, 0, ...Array.from({ length: whole(8) }, () => whole(256)));
  }
  return Uint8Array.from(bytes);
}
