import type { RequestListener } from "node:http";
import { firstValueFrom } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, type Heard, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);
const otherFile = Buffer.from(file.map((byte) => byte ^ 1));
const range = rangeOf(10, 50);
const monday = "Mon, 07 Nov 1994 08:49:37 GMT";
const tuesday = "Tue, 08 Nov 1994 08:49:37 GMT";

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask, asksAgain }) => {
  const isRight = (bytes: Buffer): boolean => bytes.equals(file.subarray(10, 60));
  const refuse =
    (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end();

  /** A mirror that redirects to one place after another, once each has been found to fail; and a peer that knows what the first one said. */
  async function redirector(...places: readonly Heard[]) {
    let turn = 0;
    const server = await serve((_request, response) =>
      response.writeHead(302, { location: places[Math.min(turn++, places.length - 1)]?.url }).end(),
    );
    const peer = peerAt(server.url);
    peer.expect(await firstValueFrom(peer.probe()));
    return { server, peer };
  }

  /** From now on a server answers so. */
  function from({ server }: Heard, answer: RequestListener): void {
    server.removeAllListeners("request").on("request", answer);
  }

  /** Some of the file comes from the first place, which then fails. */
  async function leaveFirst(first: Heard, peer: HttpPeer, answer = refuse(404)): Promise<void> {
    expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
    from(first, answer);
  }

  /** It has another file, which counts when it was asked again. */
  async function isOther(peer: HttpPeer, text = "has another file now"): Promise<void> {
    const message = expect.stringContaining(text) as string;
    expect(await errorOf(ask(peer, range))).toMatchObject({ code: "PEER_UNAVAILABLE", message });
    expect(await errorOf(ask(peer, range))).toMatchObject({ code: "RESOURCE_CHANGED", message });
  }

  const first = () => serve(answerWith(file, { etag: '"one"', "last-modified": monday }));
  const second = (
    bytes = file,
    headers: Readonly<Record<string, string>> = { etag: '"two"', "last-modified": tuesday },
  ) => serve(answerWith(bytes, headers), { host: "127.0.0.2" });

  describe("the place that a redirect led to", () => {
    it("The place that a redirect led to is asked directly from then on", async () => {
      const target = await first();
      const { server, peer } = await redirector(target);
      for (let time = 0; time < 3; time += 1) expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      expect([server.requests.length, target.requests.length]).toEqual([1, 4]);
      expect(target.requests.map(({ headers }) => headers["if-match"])).toEqual([undefined, '"one"', '"one"', '"one"']);
    });

    it.each([401, 403, 404, 410, 500])(
      "The place that a redirect led to is left when it answers %i, and the request goes on elsewhere",
      async (status) => {
        const [a, b] = [await first(), await second()];
        const { server, peer } = await redirector(a, b);
        await leaveFirst(a, peer, refuse(status));
        expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
        expect(server.requests).toHaveLength(2);
      },
    );

    it("The place that a redirect led to is left when it does not answer", async () => {
      const [a, b] = [await first(), await second()];
      const { peer } = await redirector(a, b);
      await leaveFirst(a, peer, (request) => request.socket.destroy());
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
    });

    it("The place that a redirect led to is left for the next request when it breaks off, and when the connection is renewed", async () => {
      const [a, b] = [await first(), await second()];
      const { server, peer } = await redirector(a, b);
      await leaveFirst(a, peer, (_request, response) => {
        response.writeHead(206, { "content-range": "bytes 10-59/1000", "content-length": 50 });
        response.write(file.subarray(10, 20), () => response.destroy());
      });
      expect((await errorOf(ask(peer, range))).code).toMatch(/^CONNECTION_/);
      expect(server.requests).toHaveLength(1);
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      expect(server.requests).toHaveLength(2 + asksAgain);
      peer.renew();
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      expect(server.requests).toHaveLength(3 + 2 * asksAgain);
    });

    it("The place that a redirect led to is not left at once when it is busy", async () => {
      const [a, b] = [await first(), await second()];
      const { server, peer } = await redirector(a, b);
      await leaveFirst(a, peer, refuse(503, { "retry-after": "1" }));
      expect(await errorOf(ask(peer, range))).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 1000 });
      expect(server.requests).toHaveLength(1);
    });

    it("The place that a redirect led to may be an address that expires", async () => {
      let signed = 0;
      const server = await serve((request, response) => {
        if (request.url === "/file.bin") response.writeHead(302, { location: `/signed?n=${(signed += 1)}` }).end();
        else if (request.url === `/signed?n=${signed}`) answerWith(file, { etag: '"one"' })(request, response);
        else response.writeHead(403).end();
      });
      const peer = peerAt(server.url);
      peer.expect(await firstValueFrom(peer.probe()));
      signed = 7;
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      expect(signed).toBe(8);
      expect(server.requests.at(-1)?.headers["if-match"]).toBe('"one"');
    });
  });

  describe("another place with other validators", () => {
    it("Another place with other validators is compared with what came, once", async () => {
      const [a, b] = [await first(), await second()];
      const { peer } = await redirector(a, b);
      await leaveFirst(a, peer);
      for (let time = 0; time < 2; time += 1) expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      const asked = b.requests.map(({ headers }) => headers.range);
      expect(asked).toEqual(["bytes=10-59", "bytes=10-59", "bytes=10-59", "bytes=10-59"]);
      expect(b.requests.map(({ headers }) => headers["if-match"])).toEqual([undefined, undefined, '"two"', '"two"']);
    });

    it("Another place with other validators is no answer when it gives no parts, however often it is asked", async () => {
      const whole: RequestListener = (_request, response) =>
        response.writeHead(200, { "content-length": 1000 }).end(file);
      const [a, b] = [await first(), await serve(whole, { host: "127.0.0.2" })];
      const { peer } = await redirector(a, b);
      await leaveFirst(a, peer);
      const message = `${peer.id} answered with 1000 bytes in place of its file`;
      for (let time = 0; time < 3; time += 1) {
        expect(await errorOf(ask(peer, range))).toMatchObject({ code: "PEER_UNAVAILABLE", message });
      }
    });

    it("Another place with other validators is refused when it has other bytes", async () => {
      const [a, b] = [await first(), await serve(answerWith(otherFile, { etag: '"two"' }), { host: "127.0.0.2" })];
      const { peer } = await redirector(a, b);
      await leaveFirst(a, peer);
      await isOther(peer, `another file now, at ${b.url}`);
    });

    it("Another place with other validators is refused when nothing came with which it could be compared", async () => {
      const [a, b] = [await first(), await second()];
      const { peer } = await redirector(a, b);
      from(a, refuse(404));
      await isOther(peer);
    });

    it.each([
      ["ETag", { etag: '"one"', "last-modified": tuesday }],
      ["date", { etag: '"two"', "last-modified": monday }],
    ])("Another place needs no comparison when it has the same %s", async (_name, headers) => {
      const [a, b] = [await first(), await second(file, headers)];
      const { peer } = await redirector(a, b);
      await leaveFirst(a, peer);
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      expect(b.requests).toHaveLength(1);
    });

    it("Another place with other validators is compared at the first, a middle and the last place of what came", async () => {
      const [a, b] = [await first(), await second()];
      const { peer } = await redirector(a, b);
      for (let position = 0; position < 400; position += 20) await bytesOf(ask(peer, rangeOf(position, 20)));
      await leaveFirst(a, peer);
      await bytesOf(ask(peer, range));
      const asked = b.requests.slice(1, -1).map(({ headers }) => headers.range);
      expect(asked.toSorted()).toEqual(["bytes=0-19", "bytes=10-59", "bytes=260-279"]);
    });
  });

  describe("a weak ETag that changes", () => {
    const weakly = async (answerLater: (file: Buffer) => Buffer) => {
      let answers = 0;
      const server = await serve((request, response) => {
        const bytes = answers < 2 ? file : answerLater(file);
        answerWith(bytes, { etag: `W/"${(answers += 1)}"` })(request, response);
      });
      const peer = peerAt(server.url);
      peer.expect(await firstValueFrom(peer.probe()));
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      return { server, peer };
    };

    it("A weak ETag that changes says nothing when the bytes are the same, and is not asked again", async () => {
      const { server, peer } = await weakly((same) => same);
      for (let time = 0; time < 2; time += 1) expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      // The probe, one before, one that is doubted, on each way, a comparison, the same again, and one that is not doubted.
      expect(server.requests).toHaveLength(6 + asksAgain);
    });

    it("A weak ETag that changes is another file's when the bytes are not the same", async () => {
      const { peer } = await weakly(() => otherFile);
      await isOther(peer);
    });
  });
});
