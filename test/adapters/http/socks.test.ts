import { afterEach, describe, expect, it, vi } from "vitest";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import {
  answerWith,
  bytesOf,
  cleanUp,
  errorOf,
  fileOf,
  gone,
  peerAt,
  plainTcp,
  rangeOf,
  serve,
  tls,
} from "./harness.js";
import { socksProxy } from "./socksProxy.js";

const file = fileOf(10_000);
const range = rangeOf(100, 5000);
const isRight = (bytes: Buffer) => bytes.equals(file.subarray(100, 5100));

afterEach(async () => {
  vi.unstubAllEnvs();
  await cleanUp();
});

describe("A SOCKS proxy that the environment names", () => {
  it.each([
    ["socks5", "127.0.0.1"],
    ["socks5h", "name:localhost"],
    ["socks4", "127.0.0.1"],
    ["socks4a", "name:localhost"],
  ])(
    "A SOCKS proxy of %s: makes the connections, and looks hosts up where its scheme says so",
    async (scheme, place) => {
      const [way, server] = [await socksProxy(), await serve(answerWith(file))];
      vi.stubEnv("all_proxy", `${scheme}://${way.host}`);
      const peer = peerAt(`http://localhost:${server.port}/file.bin`);
      expect(isRight(await bytesOf(peer.request(range)))).toBe(true);
      expect(isRight(await bytesOf(peer.request(range)))).toBe(true);
      expect(way.seen).toEqual([`${place}:${server.port}`]);
    },
  );

  it("A SOCKS proxy leads to mirrors by TLS, whose certificates are checked", async () => {
    const [way, server] = [await socksProxy(), await serve(answerWith(file), { tls })];
    vi.stubEnv("https_proxy", `socks5h://${way.host}`);
    const peer = peerAt(server.url, { connect: connectNode({ ca: tls.cert }) });
    expect(isRight(await bytesOf(peer.request(range)))).toBe(true);
    expect(await errorOf(peerAt(server.url).request(range))).toMatchObject({ code: "PEER_REJECTED" });
    expect(new Set(way.seen)).toEqual(new Set([`127.0.0.1:${server.port}`]));
  });

  it("A SOCKS proxy is told who asks, and is AUTH_FAILED when it does not like that", async () => {
    const [way, server] = [await socksProxy({ password: "p@ss" }), await serve(answerWith(file))];
    vi.stubEnv("all_proxy", `socks5h://m%C3%A9:p%40ss@${way.host}`);
    expect(isRight(await bytesOf(peerAt(server.url).request(range)))).toBe(true);
    expect(way.seen).toEqual([`mé@127.0.0.1:${server.port}`]);
    vi.stubEnv("all_proxy", `socks5h://me:wrong@${way.host}`);
    expect(await errorOf(peerAt(server.url).request(range))).toMatchObject({ code: "AUTH_FAILED" });
    vi.stubEnv("all_proxy", `socks5h://${way.host}`);
    expect(await errorOf(peerAt(server.url).request(range))).toMatchObject({ code: "AUTH_FAILED" });
  });

  it.each([
    [2, "PEER_REJECTED"],
    [5, "PEER_UNAVAILABLE"],
  ])("A SOCKS proxy that replies with %i is %s, and nothing goes past it", async (reply, code) => {
    const [way, server] = [await socksProxy({ reply }), await serve(answerWith(file))];
    vi.stubEnv("all_proxy", `socks5h://${way.host}`);
    const error = await errorOf(peerAt(server.url).request(range));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining("no way through the proxy")]);
    expect(server.sockets).toHaveLength(0);
  });

  it("A SOCKS proxy that hangs up, or is not there, fails the request, and so does a host that nobody knows", async () => {
    const rude = await plainTcp((socket) => socket.once("data", () => socket.destroy()));
    vi.stubEnv("all_proxy", rude.url.replace("http", "socks5h"));
    expect(await errorOf(peerAt("http://127.0.0.9/x").request(range))).toMatchObject({ code: "CONNECTION_LOST" });
    vi.stubEnv("all_proxy", "socks5h://127.0.0.1:9");
    expect(await errorOf(peerAt("http://127.0.0.9/x").request(range))).toMatchObject({ code: "CONNECTION_REFUSED" });
    const way = await socksProxy();
    vi.stubEnv("all_proxy", `socks5://${way.host}`);
    expect(await errorOf(peerAt("http://nobody.invalid/x").request(range))).toMatchObject({ code: "HOST_NOT_FOUND" });
  });

  it("A SOCKS proxy that keeps silent is left when the request is", async () => {
    const silent = await plainTcp((socket) => socket.resume());
    vi.stubEnv("all_proxy", silent.url.replace("http", "socks5h"));
    const asking = peerAt("http://127.0.0.9/x").request(range).subscribe();
    while (silent.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    asking.unsubscribe();
    await gone(silent.sockets);
  });
});
