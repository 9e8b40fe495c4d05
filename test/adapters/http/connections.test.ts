import type { Socket } from "node:net";
import { BehaviorSubject, Subject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, gone, part, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1_000_000);
const range = rangeOf(0, 1000);
const turn = () => new Promise((resolve) => setImmediate(resolve));

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask }) => {
  describe("connections", () => {
    it("Connections carry one request after the other, also where the next is made at the last one's end", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      await new Promise<void>((resolve, reject) => {
        const next = (left: number): unknown =>
          left === 0
            ? resolve()
            : ask(peer, rangeOf(left * 1000, 70_000)).subscribe({ complete: () => next(left - 1), error: reject });
        next(20);
      });
      expect(server.requests).toHaveLength(20);
      expect(server.sockets).toHaveLength(1);
    });

    it("Connections are one for each request under way", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      const all = [0, 1, 2, 3, 4].map((at) => bytesOf(ask(peer, rangeOf(at * 100_000, 100_000))));
      expect(Buffer.concat(await Promise.all(all)).equals(file.subarray(0, 500_000))).toBe(true);
      expect(server.sockets).toHaveLength(5);
    });

    it("Connections are dialled anew where the server closes each", async () => {
      const server = await serve(answerWith(file, { connection: "close" }));
      const peer = peerAt(server.url);
      for (let time = 0; time < 3; time += 1) expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
      expect(server.sockets).toHaveLength(3);
    });

    it("Connections are dialled anew where the server closed an idle one", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      await bytesOf(ask(peer, range));
      server.sockets[0]?.end();
      await gone(server.sockets);
      expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
      expect(server.sockets).toHaveLength(2);
    });

    it("Connections are new ones after renew, and the old ones go when they are free", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      await bytesOf(ask(peer, range));
      peer.renew();
      await gone(server.sockets);
      const running = bytesOf(ask(peer, range));
      peer.renew();
      expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
      expect(await running).toHaveLength(1000);
      expect(server.sockets).toHaveLength(3);
    });
  });

  describe("unsubscribing", () => {
    it("Unsubscribing closes the connection within a body, and dials no other", async () => {
      const server = await serve((_request, response) =>
        part(response, { first: 0, last: 999, total: 1000 }).write("x"),
      );
      const peer = peerAt(server.url);
      await new Promise<void>((resolve) => {
        const running = ask(peer, range).subscribe(() => {
          running.unsubscribe();
          resolve();
        });
      });
      await gone(server.sockets);
      for (let time = 0; time < 20; time += 1) await turn();
      expect(server.sockets).toHaveLength(1);
    });

    it("Unsubscribing closes the connection before the answer", async () => {
      const asked = new Subject<void>();
      const server = await serve(() => asked.next());
      const running = ask(peerAt(server.url), range).subscribe();
      await new Promise<void>((resolve) => asked.subscribe(resolve));
      running.unsubscribe();
      await gone(server.sockets);
      expect(server.sockets).toHaveLength(1);
    });

    it("Unsubscribing gives up what is still dialled", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      ask(peer, range).subscribe().unsubscribe();
      for (let time = 0; time < 50; time += 1) await turn();
      expect(server.sockets).toHaveLength(0);
      expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
      expect(server.requests).toHaveLength(1);
      expect(server.sockets).toHaveLength(1);
    });

    it("Unsubscribing at the last byte leaves the connection for others", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      await new Promise<void>((resolve) => {
        let came = 0;
        const running = ask(peer, range).subscribe((bytes) => {
          came += bytes.length;
          if (came < 1000) return;
          running.unsubscribe();
          resolve();
        });
      });
      await turn();
      await turn();
      await bytesOf(ask(peer, range));
      expect(server.sockets).toHaveLength(1);
    });
  });

  describe("a peer that is closed", () => {
    it("A peer that is closed ends its requests in the same frame with one error, and later ones too", async () => {
      const server = await serve((_request, response) =>
        part(response, { first: 0, last: 999, total: 1000 }).write("x"),
      );
      const peer = peerAt(server.url);
      const errors: unknown[] = [];
      const came = new Subject<Uint8Array>();
      for (const stream of [ask(peer, range), ask(peer, range)]) {
        stream.subscribe({ next: (bytes) => came.next(bytes), error: (error: unknown) => errors.push(error) });
      }
      await new Promise((resolve) => came.subscribe(resolve));
      peer.close();
      expect(errors).toEqual([expect.objectContaining({ code: "CONNECTION_LOST" }), errors[0]]);
      for (const stream of [ask(peer, range), peer.whole(), peer.probe()])
        expect(await errorOf(stream)).toBe(errors[0]);
      peer.close();
      peer.renew();
      await gone(server.sockets);
    });
  });

  describe("A pause", () => {
    it("A hold stops reading until it is lifted, so that the mirror is slowed down", async () => {
      const large = Buffer.alloc(30_000_000, 7);
      const paused = new BehaviorSubject(true);
      const server = await serve(answerWith(large));
      let came = 0;
      const bytes = new Promise<void>((resolve, reject) => {
        ask(peerAt(server.url, { paused }), rangeOf(0, large.length)).subscribe({
          next: (piece) => (came += piece.length),
          complete: resolve,
          error: reject,
        });
      });
      while ((server.sockets[0]?.writableLength ?? 0) === 0) await turn();
      for (let time = 0; time < 50; time += 1) await turn();
      expect(came).toBe(0);
      paused.next(false);
      await bytes;
      expect(came).toBe(large.length);
      expect(paused.observed).toBe(false);
    });

    it("A hold may be lifted by the bytes of another request", async () => {
      const paused = new BehaviorSubject(true);
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url, { paused });
      const all = [0, 1, 2].map(
        (at) =>
          new Promise<number>((resolve, reject) => {
            let came = 0;
            const next = (piece: Uint8Array): void => {
              came += piece.length;
              paused.next(true);
              paused.next(false);
            };
            ask(peer, rangeOf(at * 300_000, 300_000)).subscribe({ next, complete: () => resolve(came), error: reject });
          }),
      );
      for (let time = 0; time < 200; time += 1) await turn();
      paused.next(false);
      expect(await Promise.all(all)).toEqual([300_000, 300_000, 300_000]);
    });

    it("A hold that stands when a request is left with its last byte does not keep the connection", async () => {
      const paused = new BehaviorSubject(false);
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url, { paused });
      for (let time = 0; time < 3; time += 1) {
        await new Promise<void>((resolve) => {
          const left = ask(peer, range).subscribe(() => {
            paused.next(true);
            queueMicrotask(() => {
              left.unsubscribe();
              paused.next(false);
              resolve();
            });
          });
        });
        await turn();
        await turn();
        await turn();
      }
      expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
      expect(server.sockets).toHaveLength(1);
    });

    it("A hold that errors ends the request", async () => {
      const paused = new BehaviorSubject(true);
      const server = await serve((_request, response) =>
        part(response, { first: 0, last: 999, total: 1000 }).write("x"),
      );
      const ended = errorOf(ask(peerAt(server.url, { paused }), range));
      while (!paused.observed) await turn();
      paused.error(new Error("no more"));
      expect(await ended).toMatchObject({ code: "UNKNOWN", message: "no more" });
      await gone(server.sockets);
    });
  });

  describe("a connection that rested", () => {
    it.each<[string, (socket: Socket) => unknown]>([
      ["hangs up", (socket) => socket.end()],
      ["resets it", (socket) => socket.resetAndDestroy()],
    ])(
      "A connection that rested is replaced by a new one where the server %s when the next request comes",
      async (_name, act) => {
        const server = await serve((request, response) => {
          if (server.requests.length === 2) act(request.socket);
          else answerWith(file)(request, response);
        });
        const peer = peerAt(server.url);
        await bytesOf(ask(peer, range));
        expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
        expect(server.requests).toHaveLength(3);
        expect(server.sockets).toHaveLength(2);
      },
    );

    it("A connection that rested is one attempt where the server breaks new ones, too", async () => {
      const server = await serve((request, response) => {
        if (server.requests.length > 1) request.socket.resetAndDestroy();
        else answerWith(file)(request, response);
      });
      const peer = peerAt(server.url);
      await bytesOf(ask(peer, range));
      expect(await errorOf(ask(peer, range))).toMatchObject({ code: "CONNECTION_RESET" });
      expect(server.requests).toHaveLength(3);
    });

    it("A connection that rested may end in any way without a request on it", async () => {
      const server = await serve(answerWith(file));
      const peer = peerAt(server.url);
      await bytesOf(ask(peer, range));
      server.sockets[0]?.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
      server.sockets[0]?.resetAndDestroy();
      await gone(server.sockets);
      expect(await bytesOf(ask(peer, range))).toHaveLength(1000);
    });
  });
});
