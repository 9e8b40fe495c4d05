import { once } from "node:events";
import { BehaviorSubject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { closingServers, serveClosing } from "./closingServers.js";
import { cleanUp, fileOf, gone, peerAt } from "./harness.js";

afterEach(cleanUp);

const turns = async (times: number) => {
  for (let time = 0; time < times; time += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe.each(closingServers)("a body of $name, which ends with its connection,", (dialect) => {
  it.each([
    ["one byte", 1],
    ["a few bytes", 1000],
    ["more than is read at once", 300_000],
    ["more than the network holds", 12_000_000],
  ])(
    "A body of %s that ends with its connection may be held from its start until long after the server's end",
    async (_name, size) => {
      const file = fileOf(size);
      const { url, sockets } = await serveClosing(dialect, file);
      const paused = new BehaviorSubject(true);
      const pieces: Uint8Array[] = [];
      const ended = new Promise<void>((resolve, reject) => {
        const next = (piece: Uint8Array) => pieces.push(piece);
        peerAt(url).whole(paused).subscribe({ next, complete: resolve, error: reject });
      });
      while (!paused.observed) await turns(1);
      const [socket] = sockets;
      if (size < 1_000_000 && socket?.writableFinished === false) await once(socket, "finish");
      await turns(200);
      expect(pieces).toEqual([]);
      paused.next(false);
      await ended;
      expect(Buffer.concat(pieces).equals(file)).toBe(true);
    },
  );

  it("A body that ends with its connection may be held after each piece", async () => {
    const file = fileOf(3_000_000);
    const { url } = await serveClosing(dialect, file);
    const paused = new BehaviorSubject(false);
    const pieces: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      const next = (piece: Uint8Array) => {
        pieces.push(piece);
        paused.next(true);
        void turns(3).then(() => paused.next(false));
      };
      peerAt(url).whole(paused).subscribe({ next, complete: resolve, error: reject });
    });
    expect(Buffer.concat(pieces).equals(file)).toBe(true);
  });

  it("A body that ends with its connection may be left while it is held", async () => {
    const { url, sockets } = await serveClosing(dialect, fileOf(300_000));
    const paused = new BehaviorSubject(true);
    const running = peerAt(url).whole(paused).subscribe();
    while (!paused.observed) await turns(1);
    await turns(20);
    running.unsubscribe();
    await gone(sockets);
    expect(paused.observed).toBe(false);
  });
});
