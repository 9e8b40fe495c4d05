import { afterEach, describe, expect, it } from "vitest";
import { bytesOf, cleanUp, errorOf, fileOf, part, rangeOf, serve } from "./harness.js";
import { foreignCases } from "./foreignCases.js";
import { goRangeVectors, type RangeVector, vectorFileSize } from "./goRangeVectors.js";
import { lanes } from "./lanes.js";

const file = fileOf(vectorFileSize);

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask }) => {
  /** The range that a vector asks for, as far as this client can ask for it: one range with both ends. */
  function askedBy({ range }: RangeVector): { first: number; last: number } | undefined {
    const match = /^bytes=(\d+)-(\d+)$/.exec(range);
    return match === null ? undefined : { first: Number(match[1]), last: Number(match[2]) };
  }

  /** A server that gives each vector's answer to its Range header. */
  async function vectorServer() {
    const answers = new Map(goRangeVectors.map((vector) => [vector.range, vector]));
    return serve(({ headers }, response) => {
      const { status, parts = [] } = answers.get(headers.range ?? "") ?? { status: 400 };
      const [start, end] = parts[0] ?? [0, 0];
      if (status === 206)
        part(response, { first: start, last: end - 1, total: file.length }).end(file.subarray(start, end));
      else if (status === 416) response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
      else response.writeHead(status).end(file);
    });
  }

  const askable = goRangeVectors.filter((vector) => askedBy(vector) !== undefined);
  const within = askable.filter(({ range, parts }) => range.endsWith(`-${(parts?.[0]?.[1] ?? 0) - 1}`));
  const beyond = askable.filter((vector) => !within.includes(vector));

  describe("Go's vectors of ranges", () => {
    it("Go's vectors of ranges are all there: what cannot be asked for has an open end, counts from the end, or names several ranges", () => {
      expect([goRangeVectors.length, within.length, beyond.length]).toEqual([22, 4, 8]);
      const others = goRangeVectors.filter((vector) => !askable.includes(vector)).map(({ range }) => range);
      expect(others.every((range) => range === "" || /,|-$|=-/.test(range))).toBe(true);
    });

    it.each(within)("$range brings its bytes", async (vector) => {
      const { first, last } = askedBy(vector) ?? { first: 0, last: 0 };
      const peer = peerAt((await vectorServer()).url);
      peer.expect({ size: file.length });
      const bytes = await bytesOf(ask(peer, rangeOf(first, last - first + 1)));
      expect(bytes.equals(file.subarray(first, last + 1))).toBe(true);
    });

    // A download asks for none of these: its manifest says where the file ends. Whoever answers so has another file, or lies.
    it.each(beyond)("$range reaches beyond the end, and is refused, however it is answered", async (vector) => {
      const { first, last } = askedBy(vector) ?? { first: 0, last: 0 };
      const { url } = await vectorServer();
      const [free, bound] = [peerAt(url), peerAt(url)];
      bound.expect({ size: last + 1 });
      expect(await errorOf(ask(free, rangeOf(first, last - first + 1)))).toMatchObject({ code: "PROTOCOL_ERROR" });
      expect(await errorOf(ask(bound, rangeOf(first, last - first + 1)))).toMatchObject({ code: "RESOURCE_CHANGED" });
    });

    it("No range brings the whole file", async () => {
      expect((await bytesOf(peerAt((await vectorServer()).url).whole())).equals(file)).toBe(true);
    });
  });

  describe("what other clients are tested with", () => {
    it.each(foreignCases)(
      "$from",
      async ({ asked, status, headers = {}, body = "", cut, came = "", code, ...expected }) => {
        const server = await serve(({ socket }, response) => {
          response.sendDate = false;
          if (status === undefined) socket.destroy();
          else if (cut) response.writeHead(status, headers).write(body, () => socket.end());
          else response.writeHead(status, headers).end(body);
        });
        const { size, etag, position, length } = asked;
        const peer = peerAt(server.url);
        peer.expect({ ...(size === undefined ? {} : { size }), ...(etag === undefined ? {} : { etag }) });
        let text = "";
        const error = await new Promise<unknown>((resolve) => {
          ask(peer, rangeOf(position, length)).subscribe({
            next: (bytes) => (text += Buffer.from(bytes).toString()),
            error: resolve,
            complete: () => resolve(undefined),
          });
        });
        expect(text).toBe(came);
        if (code === undefined) expect(error).toBeUndefined();
        else expect(error).toMatchObject({ code, retryAfterMs: expected.retryAfterMs });
        expect(server.requests[0]?.headers["if-match"]).toBe(etag?.startsWith("W/") ? undefined : etag);
      },
    );
  });
});
