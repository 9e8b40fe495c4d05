import { connect, type Socket } from "node:net";
import { Subject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { dialled } from "../../../src/adapters/http/dialled.js";
import { nodeHttpError } from "../../../src/adapters/http/nodeHttpError.js";
import { ProxyRefusal } from "../../../src/adapters/http/ProxyRefusal.js";
import { answerWith, cleanUp, errorOf, fileOf, gone, part, plainTcp, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1_000_000);
const range = rangeOf(0, 1000);

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask }) => {
  describe("a connection that fails", () => {
    it("A connection that fails does not end the process where nobody listens to its errors", async () => {
      const { server, port } = await serve(answerWith(file));
      server.close();
      const socket = dialled(connect(port, "127.0.0.1"), "connect", {});
      await gone([socket]);
      expect(socket.errored).toMatchObject({ code: "ECONNREFUSED" });
    });

    it("A connection where nobody listens is CONNECTION_REFUSED", async () => {
      const server = await serve(answerWith(file));
      server.server.close();
      expect(await errorOf(ask(peerAt(server.url), range))).toMatchObject({
        code: "CONNECTION_REFUSED",
        peer: server.url,
      });
    });

    it("A connection to an unknown name is HOST_NOT_FOUND", async () => {
      expect(await errorOf(ask(peerAt("http://nowhere.invalid/x"), range))).toMatchObject({ code: "HOST_NOT_FOUND" });
    });

    it.each<[string, (socket: Socket) => unknown, string]>([
      ["resets before an answer", (socket) => socket.resetAndDestroy(), "CONNECTION_RESET"],
      ["hangs up before an answer", (socket) => socket.end(), "CONNECTION_LOST"],
      ["speaks another language", (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"), "PROTOCOL_ERROR"],
      [
        "sends headers without end",
        (socket) => socket.write(`HTTP/1.1 206 OK\r\nx: ${"y".repeat(100_000)}`),
        "PROTOCOL_ERROR",
      ],
    ])("A connection fails with a code when the mirror %s", async (_name, act, code) => {
      const { url } = await plainTcp((socket) => socket.once("data", () => act(socket)));
      expect(await errorOf(ask(peerAt(url), range))).toMatchObject({ code, peer: url });
    });

    it.each<[string, (socket: Socket) => unknown, string]>([
      ["resets", (socket) => socket.resetAndDestroy(), "CONNECTION_RESET"],
      ["hangs up", (socket) => socket.end(), "CONNECTION_LOST"],
    ])(
      "A connection fails with a code when the mirror %s within a body, of which what came stays",
      async (_name, act, code) => {
        let end: (() => unknown) | undefined;
        const server = await serve(({ socket }, response) => {
          end = () => act(socket);
          part(response, { first: 0, last: 999, total: 1000 }).write(file.subarray(0, 400));
        });
        let came = 0;
        const error = await new Promise((resolve) => {
          ask(peerAt(server.url), range).subscribe({
            next: (bytes) => {
              came += bytes.length;
              if (came === 400) end?.();
            },
            error: resolve,
          });
        });
        expect(error).toMatchObject({ code });
        expect(came).toBe(400);
      },
    );

    it("A connection that is lost within a chunked body is CONNECTION_LOST", async () => {
      const { url } = await plainTcp((socket) =>
        socket.once("data", () => {
          const head =
            "HTTP/1.1 206 OK\r\nContent-Range: bytes 0-999/1000\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
          socket.end(`${head}a\r\n0123456789\r\n`);
        }),
      );
      const error = await errorOf(ask(peerAt(url), range));
      expect(error).toMatchObject({ code: "CONNECTION_LOST" });
      expect(error.message).toMatch(/EOF/);
    });

    it("A connection that fails means PEER_BUSY while the mirror serves another one", async () => {
      let served = 0;
      const server = await serve((request, response) => {
        if ((served += 1) > 1) request.socket.resetAndDestroy();
        else part(response, { first: 0, last: 999, total: 1000 }).write("x");
      });
      const peer = peerAt(server.url);
      const running = new Subject<unknown>();
      const first = ask(peer, range).subscribe(running);
      await new Promise((resolve) => running.subscribe(resolve));
      const error = await errorOf(ask(peer, range));
      expect(error).toMatchObject({ code: "PEER_BUSY" });
      expect(error.message).toContain("no more than 1 connections");
      first.unsubscribe();
      expect(await errorOf(ask(peer, range))).toMatchObject({ code: "CONNECTION_RESET" });
    });

    it("A connection that fails has the code that Node's errors mean", () => {
      const codeOf = (error: Error) => nodeHttpError("p", error).code;
      const coded = (code: string, more = {}) => codeOf(Object.assign(new Error("x"), { code, ...more }));
      expect(coded("ETIMEDOUT")).toBe("TIMEOUT");
      expect([coded("EMFILE"), coded("ENFILE")]).toEqual(["LOCAL_IO", "LOCAL_IO"]);
      expect(coded("HPE_HEADER_OVERFLOW")).toBe("PROTOCOL_ERROR");
      expect(coded("HPE_INVALID_EOF_STATE")).toBe("CONNECTION_LOST");
      expect(coded("ECONNRESET")).toBe("CONNECTION_LOST");
      expect(coded("ECONNRESET", { errno: -104 })).toBe("CONNECTION_RESET");
      expect(coded("ENETUNREACH")).toBe("NETWORK_DOWN");
      expect(coded("ERR_STRANGE")).toBe("CONNECTION_LOST");
      expect(codeOf(new ProxyRefusal("PEER_BUSY", "later"))).toBe("PEER_BUSY");
    });
  });
});
