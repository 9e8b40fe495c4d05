import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { GuardedSocket } from "../../../src/adapters/network/GuardedSocket.js";

async function pair(isMet: boolean) {
  const other = createSocket("udp4").bind(0, "127.0.0.1");
  await once(other, "listening");
  const socket = new GuardedSocket({ hears: () => isMet, sendsTo: () => isMet });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => {
    other.close();
    socket.close();
  });
  const heard: string[] = [];
  socket.on("message", (bytes: Buffer) => heard.push(bytes.toString()));
  const told: string[] = [];
  other.on("message", (bytes) => told.push(bytes.toString()));
  const tell = (text: string): Promise<unknown> =>
    new Promise((resolve) => other.send(text, socket.address().port, "127.0.0.1", resolve));
  const send = (text: string): void =>
    socket.send(Buffer.from(text), 0, text.length, other.address().port, "127.0.0.1");
  return { socket, heard, told, tell, send };
}

it("A socket sends to whom it meets, and hears them", async () => {
  const { heard, told, tell, send } = await pair(true);
  await tell("a");
  send("b");
  await expect.poll(() => [heard, told]).toEqual([["a"], ["b"]]);
});

it("A socket neither sends to whoever is out of its reach nor hears them", async () => {
  const { socket, heard, told, tell, send } = await pair(false);
  await tell("a");
  send("b");
  const marks = await pair(true);
  await marks.tell("later");
  marks.send("later");
  await expect.poll(() => [marks.heard, marks.told]).toEqual([["later"], ["later"]]);
  expect([heard, told]).toEqual([[], []]);
  socket.close();
});

it("A message that throws in whoever hears it is lost, and the next one is heard", async () => {
  const { socket, heard, tell } = await pair(true);
  socket.prependListener("message", (bytes: Buffer) => {
    if (bytes.toString() === "bad") throw new Error("nonsense");
  });
  await tell("bad");
  await tell("good");
  await expect.poll(() => heard).toEqual(["good"]);
});

it("A socket that is closed sends nothing, and may be closed again", async () => {
  const { socket, send } = await pair(true);
  socket.close();
  await once(socket, "close");
  expect(() => send("late")).not.toThrow();
  expect(() => socket.close()).not.toThrow();
});
