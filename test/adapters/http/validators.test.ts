import { afterEach, describe, expect, it } from "vitest";
import { type MirrorFacts } from "../../../src/protocol/MirrorFacts.js";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);
const monday = "Mon, 07 Nov 1994 08:49:37 GMT";
const range = rangeOf(0, 100);

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask, asksAgain }) => {
  /** The code of a request and of one for the whole file, with such headers and such expectations; nothing where it is right. */
  async function asked(facts: MirrorFacts, headers: Readonly<Record<string, string>>) {
    const server = await serve(answerWith(file, headers));
    const peer = peerAt(server.url);
    peer.expect(facts);
    const codes = [ask(peer, range), peer.whole(), peer.probe()].map((stream) =>
      errorOf(stream).then(
        ({ code }) => code,
        () => undefined,
      ),
    );
    const seen = new Set(await Promise.all(codes));
    return { server, code: seen.size === 1 ? [...seen][0] : [...seen] };
  }

  describe("what is known of a file", () => {
    it.each<[string, MirrorFacts, Record<string, string>, string | undefined]>([
      [
        "agrees",
        { size: 1000, etag: '"a"', lastModified: monday },
        { etag: '"a"', "last-modified": monday },
        undefined,
      ],
      ["agrees with an answer that tells nothing", { etag: '"a"', lastModified: monday }, {}, undefined],
      ["may be nothing", {}, { etag: '"a"', "last-modified": monday }, undefined],
      ["has another size", { size: 1001 }, {}, "RESOURCE_CHANGED"],
      ["has another ETag", { etag: '"a"' }, { etag: '"b"' }, "RESOURCE_CHANGED"],
      [
        "has another time",
        { lastModified: monday },
        { "last-modified": "Tue, 08 Nov 1994 08:49:37 GMT" },
        "RESOURCE_CHANGED",
      ],
      [
        "has the same time in another form",
        { lastModified: monday },
        { "last-modified": "Mon Nov  7 08:49:37 1994" },
        undefined,
      ],
      ["has a time that is none", { lastModified: monday }, { "last-modified": "yesterday" }, "RESOURCE_CHANGED"],
      ["is a weak ETag, which says nothing", { etag: 'W/"a"' }, { etag: '"b"' }, undefined],
      ["meets a weak ETag, which says nothing", { etag: '"a"' }, { etag: 'W/"b"' }, undefined],
    ])("%s", async (_name, facts, headers, code) => {
      expect((await asked(facts, headers)).code).toBe(code);
    });

    it("Facts of a file add up, and are refused when the size is none", async () => {
      const peer = peerAt((await serve(answerWith(file, { etag: '"b"' }))).url);
      peer.expect({ etag: '"a"' });
      peer.expect({ size: 1000 });
      expect(await errorOf(ask(peer, range))).toMatchObject({ code: "RESOURCE_CHANGED" });
      peer.expect({ etag: '"b"' });
      expect(await bytesOf(ask(peer, range))).toHaveLength(100);
      expect(() => peer.expect({ size: 1.5 })).toThrow(RangeError);
      expect(() => peer.expect({ size: -1 })).toThrow("size is -1");
    });
  });

  describe("a strong ETag", () => {
    it("A strong ETag is a condition of every request, so that a mirror with another file sends none of it", async () => {
      const server = await serve((request, response) => {
        const { "if-match": condition = '"new"' } = request.headers;
        if (condition === '"new"') answerWith(file, { etag: '"new"' })(request, response);
        else response.writeHead(412, { etag: '"new"' }).end();
      });
      const conditions = () => server.requests.flatMap(({ headers }) => headers["if-match"] ?? []);
      const peer = peerAt(server.url);
      peer.expect({ etag: '"old"' });
      for (const stream of [ask(peer, range), peer.whole(), peer.probe()]) {
        expect(await errorOf(stream)).toMatchObject({ code: "RESOURCE_CHANGED" });
      }
      peer.expect({ etag: '"new"' });
      expect(await bytesOf(ask(peer, range))).toHaveLength(100);
      const olds = Array.from({ length: 3 + asksAgain }, () => '"old"');
      expect(conditions()).toEqual([...olds, '"new"']);
    });

    it("A strong ETag is no condition while none is known", async () => {
      const { server } = await asked({ etag: 'W/"a"', size: 1000 }, { etag: '"a"' });
      expect(server.requests.map(({ headers }) => headers["if-match"])).toEqual([undefined, undefined, undefined]);
    });

    it("A strong ETag that changes under a mirror without ranges is seen in its 200", async () => {
      const server = await serve((_request, response) => response.writeHead(200, { etag: '"new"' }).end(file));
      const peer = peerAt(server.url);
      peer.expect({ etag: '"old"', size: 1000 });
      expect(await errorOf(ask(peer, range))).toMatchObject({ code: "RESOURCE_CHANGED" });
      expect(peer.ranges).toBe(true);
    });
  });
});
