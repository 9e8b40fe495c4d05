import { WebSocket } from "ws";
import { encodeMessage } from "../../src/protocol/codec.js";
import type { ClientMessage } from "../../src/protocol/messages.js";

/** A connection to a seeder that it does not expect. */
interface Attacker {
  readonly root: string;
  readonly socket: WebSocket;
  readonly say: (message: ClientMessage) => void;
  /** What is sent before the client is at an end; does nothing when too much waits. */
  readonly raw: (bytes: Uint8Array | string) => void;
  readonly every: (ms: number, work: () => void) => void;
  readonly random: () => number;
}

export interface HostileClient {
  readonly name: string;
  /** True when it takes bytes as a good client does, and so has a share of its own. */
  readonly takes?: true;
  readonly act: (attacker: Attacker) => void;
}

const chunk = (root: string, id: number): ClientMessage => ({
  type: "get-chunk",
  id,
  root,
  index: id % 8,
  offset: 0,
  length: 256 * 1024,
});

export const clients: readonly HostileClient[] = [
  { name: "connect and say nothing", act: () => undefined },
  {
    name: "ask and cancel",
    act: ({ root, say, every }) => {
      let id = 0;
      every(5, () => {
        for (let pairs = 0; pairs < 20; pairs += 1, id += 1) {
          say(chunk(root, id));
          say({ type: "cancel", id });
        }
      });
    },
  },
  {
    // As long as the buffers of its system have room.
    name: "ask and never read",
    takes: true,
    act: ({ root, say, socket }) => {
      socket.pause();
      for (let id = 0; id < 16; id += 1) say(chunk(root, id));
    },
  },
  {
    name: "ask for more than is allowed",
    takes: true,
    act: ({ root, say, every }) => {
      let id = 0;
      every(5, () => {
        for (let asked = 0; asked < 4; asked += 1) say(chunk(root, id++));
      });
    },
  },
  {
    name: "send noise",
    act: ({ raw, every, random }) => every(5, () => raw(Buffer.from([random() * 256, random() * 256]))),
  },
  { name: "send text", act: ({ raw, every }) => every(5, () => raw("hello")) },
  { name: "send a frame of 1 MB", act: ({ raw }) => raw(Buffer.alloc(1_000_000)) },
  { name: "ping for ever", act: ({ socket, every }) => every(1, () => socket.ping()) },
  { name: "say hello for ever", act: ({ say, every }) => every(1, () => say(helloMessage)) },
  {
    name: "ask for files that are not here",
    act: ({ say, every }) => {
      let id = 0;
      every(1, () => say(chunk("ab".repeat(32), id++)));
    },
  },
];

export const helloMessage: ClientMessage = { type: "hello", version: 1, limits: { frameBytes: 300_000, requests: 0 } };

/** Connects, again and again, until the signal; resolves with how many connections were made. */
export async function attack(
  link: string,
  { act }: HostileClient,
  signal: AbortSignal,
  random: () => number,
): Promise<number> {
  const at = link.lastIndexOf("/");
  let connections = 0;
  while (!signal.aborted) {
    const socket = new WebSocket(link.slice(0, at), ["tributary.v1"]);
    const timers: NodeJS.Timeout[] = [];
    const end = (): void => socket.terminate();
    signal.addEventListener("abort", end);
    socket.on("error", () => undefined);
    socket.on("open", () => {
      connections += 1;
      const raw = (bytes: Uint8Array | string): void => {
        if (socket.readyState === socket.OPEN && socket.bufferedAmount < 1_000_000) socket.send(bytes);
      };
      const say = (message: ClientMessage): void => raw(encodeMessage(message));
      say(helloMessage);
      const every = (ms: number, work: () => void): void => void timers.push(setInterval(work, ms));
      act({ root: link.slice(at + 1), socket, raw, say, every, random });
    });
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    timers.forEach(clearInterval);
    signal.removeEventListener("abort", end);
  }
  return connections;
}
