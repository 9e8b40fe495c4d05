import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { firstValueFrom } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { Cookies } from "../../../src/adapters/http/Cookies.js";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, peerAt, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);
const range = rangeOf(10, 50);
const isRight = (bytes: Buffer) => bytes.equals(file.subarray(10, 60));
const cookiesOf = (requests: readonly IncomingMessage[]) => requests.map(({ headers }) => headers.cookie);

/** Lets in whoever brings the cookie, and sends others to where they were, with it. */
function gate(cookie: string, ...others: readonly string[]): RequestListener {
  return (request, response) => {
    if (request.headers.cookie?.includes(cookie) === true) answerWith(file)(request, response);
    else to(response, request.url ?? "", [`${cookie}; Path=/; HttpOnly`, ...others]);
  };
}

function to(response: ServerResponse, location: string, setCookies: readonly string[] = []): void {
  response.writeHead(302, { location, "set-cookie": [...setCookies] }).end();
}

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt: laneAt, ask }) => {
  it("A mirror that redirects to itself and sets a cookie gets it back, with all later requests", async () => {
    const server = await serve(gate("pass=1", "lang=de; Expires=Fri, 01 Jan 2100 00:00:00 GMT"));
    const peer = laneAt(server.url);
    expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
    const before = server.requests.length;
    expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
    expect(cookiesOf(server.requests.slice(before))).toEqual(["pass=1; lang=de"]);
  });
});

describe("A cookie", () => {
  it("A cookie comes back behind redirects to other hosts, and goes to none of them", async () => {
    const other = await serve((request, response) => to(response, String(request.headers["x-back"] ?? `${home}/in`)), {
      host: "127.0.0.2",
    });
    const server = await serve((request, response) => {
      if (request.url === "/in" && request.headers.cookie === "a=1") answerWith(file)(request, response);
      else to(response, other.url, ["a=1; Domain=127.0.0.2; Path=/", "b=2; Path=/elsewhere"]);
    });
    const home = new URL(server.url).origin;
    expect(isRight(await bytesOf(peerAt(server.url).request(range)))).toBe(true);
    expect(cookiesOf(other.requests)).toEqual([undefined]);
  });

  it("A cookie of one mirror is not that of another one on the same host", async () => {
    const server = await serve(gate("pass=1"));
    await firstValueFrom(peerAt(server.url).probe());
    await firstValueFrom(peerAt(server.url).probe());
    expect(cookiesOf(server.requests)).toEqual([undefined, "pass=1", undefined, "pass=1"]);
  });

  it("A cookie stands behind one that the user gave", async () => {
    const server = await serve(gate("pass=1"));
    const headers = { "127.0.0.1": { cookie: "mine=0" } };
    expect(isRight(await bytesOf(peerAt(server.url, { headers }).request(range)))).toBe(true);
    expect(cookiesOf(server.requests)).toEqual(["mine=0", "mine=0; pass=1"]);
  });

  it("A cookie does not end the limit of redirects", async () => {
    const server = await serve((request, response) => to(response, request.url ?? "", ["never=enough"]));
    expect(await errorOf(peerAt(server.url).request(range))).toMatchObject({ code: "PEER_REJECTED" });
    expect(server.requests).toHaveLength(6);
  });
});

describe("Cookies", () => {
  const now = Date.UTC(2026, 0, 1);
  const after = (url: string, ...setCookies: readonly string[]) => {
    const cookies = new Cookies(() => now);
    cookies.take({ url, setCookies });
    return (to: string) => cookies.joined({}, new URL(to))["cookie"];
  };

  it.each([
    ["a=1", "http://h/d/f", "http://h/d/other", "a=1"],
    ["a=1", "http://h/d/f", "http://h/", undefined],
    ["a=1", "http://h/d/f", "http://h/dd/f", undefined],
    ["a=1; path=/d/", "http://h/", "http://h/d/f", "a=1"],
    ["a=1; path=no", "http://h/", "http://h/d/f", "a=1"],
    ["a=1", "http://h/", "http://sub.h/", undefined],
    ["a=1", "http://h:1/", "http://h:2/", "a=1"],
    ["a=1", "http://h/", "https://h/", "a=1"],
    ["a=1", "https://h/", "http://h/", undefined],
    ["a=1; Max-Age=0", "http://h/", "http://h/", undefined],
    ["a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://h/", "http://h/", "a=1"],
    ["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://h/", "http://h/", undefined],
    ["a=1; Expires=nonsense", "http://h/", "http://h/", "a=1"],
    ["a=b=c", "http://h/", "http://h/", "a=b=c"],
    ["a", "http://h/", "http://h/", undefined],
    ["=1", "http://h/", "http://h/", undefined],
    [`a=${"x".repeat(5000)}`, "http://h/", "http://h/", undefined],
  ])("Cookies set by %j at %s are, for %s, %s", (line, at, to, expected) => {
    expect(after(at, line)(to)).toBe(expected);
  });

  it("Cookies have one value of a name, the last one, and one that is taken back is gone", () => {
    expect(after("http://h/", "a=1", "b=2", "a=3")("http://h/")).toBe("b=2; a=3");
    expect(after("http://h/", "a=1", "b=2", "a=; Max-Age=-1")("http://h/")).toBe("b=2");
  });

  it("Cookies are fifty at most, those that were set last", () => {
    const lines = Array.from({ length: 60 }, (_, at) => `c${at}=1`);
    const kept = after("http://h/", ...lines)("http://h/")?.split("; ") ?? [];
    expect([kept.length, kept[0]]).toEqual([50, "c10=1"]);
  });
});
