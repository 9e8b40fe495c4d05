import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { firstValueFrom, Subject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, type Heard, rangeOf, serve, tls } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);
const range = rangeOf(10, 50);

afterEach(cleanUp);

const says =
  (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end();

describe.each(lanes)("$name:", ({ peerAt, ask }) => {
  /** A mirror of which some came, and what it answers from then on. */
  async function afterwards(...answers: readonly RequestListener[]): Promise<{ server: Heard; peer: HttpPeer }> {
    const right = answerWith(file, { etag: '"a"' });
    const server = await serve(right);
    const peer = peerAt(server.url);
    peer.expect(await firstValueFrom(peer.probe()));
    expect(await bytesOf(ask(peer, range))).toHaveLength(50);
    let turn = 0;
    server.server.removeAllListeners("request").on("request", (request, response) => {
      (answers[turn++] ?? right)(request, response);
    });
    return { server, peer };
  }

  describe("An answer that makes no sense for a file of which some came", () => {
    it.each([
      ["416", says(416)],
      ["204", says(204)],
      ["400", says(400)],
      ["420", says(420)],
      ["a part of nothing", says(206, { "content-range": "bytes */1000" })],
      ["a part that does not say of what", says(206)],
    ])(
      "An answer that makes no sense for a file of which some came is a failure that passes, however often it comes: %s",
      async (_what, answer) => {
        const all = Array.from({ length: 12 }, () => answer);
        const { peer } = await afterwards(...all);
        for (let time = 0; time < 3; time += 1) {
          expect(await errorOf(ask(peer, range))).toMatchObject({ code: "PEER_UNAVAILABLE" });
        }
      },
    );
  });

  it("A mirror that had the file and says 404 is asked again before it counts", async () => {
    const { peer } = await afterwards(says(404), says(404));
    expect(await errorOf(ask(peer, range))).toMatchObject({ code: "PEER_UNAVAILABLE" });
    expect(await errorOf(ask(peer, range))).toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it.each([401, 403])(
    "%i to a request that is alone counts at once, though the mirror served others",
    async (status) => {
      const { peer } = await afterwards(says(status));
      expect(await errorOf(ask(peer, range))).toMatchObject({ code: "AUTH_FAILED" });
    },
  );

  it.each([400, 401, 403, 404, 420])("%i beside a request that is served is about their number", async (status) => {
    const { server, peer } = await afterwards();
    const held: RequestListener = (_request, response) => {
      response.writeHead(206, { "content-range": "bytes 10-59/1000", "content-length": 50, etag: '"a"' });
      response.write(file.subarray(10, 20));
    };
    server.server.removeAllListeners("request").once("request", (request, response) => {
      held(request, response);
      server.server.on("request", says(status, { "retry-after": "7" }));
    });
    const came = new Subject<unknown>();
    const running = ask(peer, range).subscribe(came);
    await firstValueFrom(came);
    const refused = await errorOf(ask(peer, range));
    expect(refused).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 7000 });
    expect(refused.message).toContain("takes no more than 1 connections");
    running.unsubscribe();
  });

  it("The last of several refused requests is refused for good", async () => {
    const { peer } = await afterwards(...Array.from({ length: 16 }, () => says(403)));
    const all = await Promise.all([1, 2, 3].map(() => errorOf(ask(peer, range))));
    expect(all.map(({ code }) => code).toSorted()).toEqual(["AUTH_FAILED", "PEER_BUSY", "PEER_BUSY"]);
  });

  it("A TLS handshake that fails with a mirror of which some came is a failure that passes", async () => {
    const server = await serve(answerWith(file), { tls });
    const peer = peerAt(server.url, { connect: connectNode({ ca: tls.cert }) });
    expect(await bytesOf(ask(peer, range))).toHaveLength(50);
    server.server.prependOnceListener("connection", (socket: Socket) => socket.write("no TLS at all"));
    peer.renew();
    const failed = await errorOf(ask(peer, range));
    expect(failed).toMatchObject({ code: "PEER_UNAVAILABLE", cause: { code: "PEER_REJECTED" } });
    expect(failed.message).toContain("no trusted TLS connection");
    expect(await bytesOf(ask(peer, range))).toHaveLength(50);
  });

  it("One whole in place of parts is asked again, and counts when it comes twice", async () => {
    const whole: RequestListener = (_request, response) =>
      response.writeHead(200, { "content-length": 1000, etag: '"a"' }).end(file);
    const { peer } = await afterwards(...Array.from({ length: 8 }, () => whole));
    expect(await errorOf(ask(peer, range))).toMatchObject({ code: "PEER_UNAVAILABLE" });
    expect(peer.ranges).toBe(true);
    expect(await errorOf(ask(peer, range))).toMatchObject({ code: "CHUNK_NOT_AVAILABLE" });
    expect(peer.ranges).toBe(false);
  });
});
