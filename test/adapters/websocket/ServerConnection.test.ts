import { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
import { lastValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ServerConnection } from "../../../src/adapters/websocket/ServerConnection.js";

type Taken = (error?: Error) => void;

/** A client whose system takes what is sent when it is told to. */
function client() {
  const taken: Taken[] = [];
  const raw = new Duplex({
    write: (_bytes, _encoding, done: Taken) => void taken.push(done),
    read: () => undefined,
  });
  raw.on("error", () => undefined);
  const state = { readyState: WebSocket.OPEN, OPEN: WebSocket.OPEN, bufferedAmount: 0 };
  const socket = Object.assign(new EventEmitter(), state) as unknown as WebSocket;
  return { raw, taken, connection: new ServerConnection(socket, raw, { address: "a client", highWaterBytes: 1000 }) };
}

const next = () => new Promise((resolve) => setImmediate(resolve));

describe("a connection of a seeder", () => {
  it("A payload is said to be written when the system has taken it, after room for more was told", async () => {
    const { taken, connection } = client();
    let written = 0;
    const sent = connection.send(new Uint8Array(2), new Uint8Array(10), () => (written += 1));
    await lastValueFrom(sent, { defaultValue: undefined });
    await next();
    taken.shift()?.(); // its head
    await next();
    expect(written).toBe(0);
    taken.shift()?.();
    await next();
    expect(written).toBe(1);
  });

  it("A payload that was not written is never said to be", async () => {
    const { raw, connection } = client();
    let written = 0;
    connection.send(new Uint8Array(2), new Uint8Array(10), () => (written += 1)).subscribe();
    await next();
    raw.destroy(new Error("reset"));
    await next();
    expect(written).toBe(0);
  });
});
