import { afterEach, describe, expect, it } from "vitest";
import type { HttpPeerOptions } from "../../../src/adapters/http/HttpPeerOptions.js";
import { httpDateMs } from "../../../src/protocol/retryAfterMs.js";
import { bytesOf, cleanUp, errorOf, fileOf, answerWith, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask }) => {
  /** What a request ends with when it is answered like this. */
  async function answered(
    status: number,
    headers: Readonly<Record<string, string>> = {},
    options: Partial<HttpPeerOptions> = {},
  ) {
    const server = await serve((_request, response) => {
      response.sendDate = false;
      response.writeHead(status, headers).end("a page about it");
    });
    const peer = peerAt(server.url, options);
    peer.expect({ size: 1000 });
    return errorOf(ask(peer, rangeOf(100, 100)));
  }

  describe("an answer with status", () => {
    it.each([
      [400, "PEER_REJECTED"],
      [401, "AUTH_FAILED"],
      [402, "PEER_REJECTED"],
      [403, "AUTH_FAILED"],
      [404, "FILE_NOT_FOUND"],
      [405, "PEER_REJECTED"],
      [407, "AUTH_FAILED"],
      [408, "PEER_BUSY"],
      [410, "FILE_NOT_FOUND"],
      [412, "RESOURCE_CHANGED"],
      [416, "PROTOCOL_ERROR"],
      [418, "PEER_REJECTED"],
      [421, "PEER_UNAVAILABLE"],
      [425, "PEER_BUSY"],
      [429, "RATE_LIMITED"],
      [451, "PEER_REJECTED"],
      [500, "PEER_UNAVAILABLE"],
      [501, "PEER_UNAVAILABLE"],
      [502, "PEER_UNAVAILABLE"],
      [503, "PEER_BUSY"],
      [504, "PEER_UNAVAILABLE"],
      [507, "PEER_UNAVAILABLE"],
      [201, "PEER_REJECTED"],
      [204, "PEER_REJECTED"],
      [300, "PEER_REJECTED"],
      [304, "PEER_REJECTED"],
      [305, "PEER_REJECTED"],
    ])("%i is %s", async (status, code) => {
      const error = await answered(status);
      expect(error).toMatchObject({ code, retryAfterMs: undefined });
      expect(error.message).toContain(`HTTP ${status}`);
    });

    it("416 is RESOURCE_CHANGED when it tells another size", async () => {
      expect(await answered(416, { "content-range": "bytes */50" })).toMatchObject({ code: "RESOURCE_CHANGED" });
      expect(await answered(416, { "content-range": "bytes */1000" })).toMatchObject({ code: "PROTOCOL_ERROR" });
    });

    it("102 or 103 is none yet", async () => {
      const file = fileOf(100);
      const server = await serve((request, response) => {
        response.writeProcessing();
        response.writeEarlyHints({ link: "</style.css>; rel=preload" });
        answerWith(file)(request, response);
      });
      expect((await bytesOf(ask(peerAt(server.url), rangeOf(10, 20)))).equals(file.subarray(10, 30))).toBe(true);
    });
  });

  describe("Retry-After", () => {
    const at = "Sun, 06 Nov 1994 08:49:37 GMT";
    const now = () => Date.UTC(1994, 10, 6, 8, 49, 30);

    it.each<[string, Record<string, string>, number | undefined]>([
      ["in seconds", { "retry-after": "7" }, 7000],
      ["of nothing", { "retry-after": "0" }, 0],
      ["beyond the limit", { "retry-after": "999999999" }, 86_400_000],
      ["as a date, by the server's clock", { "retry-after": at, date: "Sun, 06 Nov 1994 08:49:35 GMT" }, 2000],
      ["as a date, by our clock when the server tells no time", { "retry-after": at }, 7000],
      ["as a date in the second old form", { "retry-after": "Sunday, 06-Nov-94 08:49:37 GMT" }, 7000],
      ["as a date in the oldest form", { "retry-after": "Sun Nov  6 08:49:37 1994" }, 7000],
      ["as a date that is over", { "retry-after": at, date: "Sun, 06 Nov 1994 09:00:00 GMT" }, 0],
      ["as a date far away", { "retry-after": at, date: "Sun, 06 Nov 1984 09:00:00 GMT" }, 86_400_000],
      ["that is neither", { "retry-after": "soon" }, undefined],
      ["that is no whole number", { "retry-after": "1.5" }, undefined],
      ["that is no date", { "retry-after": "Mon, 99 Foo 1994 08:49:37 GMT" }, undefined],
    ])("%s", async (_name, headers, retryAfterMs) => {
      expect(await answered(503, headers, { now })).toMatchObject({ code: "PEER_BUSY", retryAfterMs });
    });

    it("A Retry-After header comes with any refusal, and is cut where the option says", async () => {
      const options = { maxRetryAfterMs: 500 };
      expect(await answered(429, { "retry-after": "3" }, options)).toMatchObject({
        code: "RATE_LIMITED",
        retryAfterMs: 500,
      });
      expect(await answered(500, { "retry-after": "0" }, options)).toMatchObject({ retryAfterMs: 0 });
    });
  });

  it("A Retry-After date means the same time in any time zone", () => {
    expect(httpDateMs("Sun Nov  6 08:49:37 1994")).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
    expect(httpDateMs("1994-11-06")).toBeUndefined();
    expect(httpDateMs(undefined)).toBeUndefined();
  });
});
