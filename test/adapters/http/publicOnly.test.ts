import { connectNode } from "../../../src/adapters/http/connectNode.js";
import { firstValueFrom, map, of, take, tap } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { httpPeers } from "../../../src/adapters/http/httpPeers.js";
import { sharedLine } from "../../../src/adapters/http/sharedLine.js";
import { lookUp } from "../network/names.js";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, peerAt, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(10_000);
const range = rangeOf(100, 5000);
const here = [{ address: "127.0.0.1", family: 4 }];

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await cleanUp();
});

describe("a mirror that a stranger named", () => {
  it.each(lanes)("A public name that leads to this machine is never asked $name", async (lane) => {
    const server = await serve(answerWith(file));
    let connections = 0;
    server.server.on("connection", () => (connections += 1));
    const names = lookUp({ "out.example": here });
    const url = `http://out.example:${server.port}/file.bin`;
    const error = await errorOf(lane.ask(lane.peerAt(url, { publicOnly: true }), range));
    expect(error).toMatchObject({ code: "PEER_REJECTED" });
    expect(error.message).toContain("out.example has only addresses of this machine or a private network (127.0.0.1)");
    expect(connections).toBe(0);
    expect((await bytesOf(lane.ask(lane.peerAt(url), range))).equals(file.subarray(100, 5100))).toBe(true);
    expect(new Set(names)).toEqual(new Set(["out.example"]));
  });

  it("A public name that leads to this machine is never asked by TLS", async () => {
    lookUp({ "out.example": here });
    const peer = peerAt("https://out.example:9/file.bin", { publicOnly: true });
    const { code, message } = await errorOf(peer.request(range));
    expect([code, message]).toEqual(["PEER_REJECTED", expect.stringContaining("out.example has only addresses")]);
  });

  it.each(["127.0.0.1", "localhost"])(
    "A mirror at %s is never asked, and no name is looked up for it",
    async (host) => {
      const server = await serve(answerWith(file));
      const names = lookUp({ localhost: here });
      const peer = peerAt(`http://${host}:${server.port}/file.bin`, { publicOnly: true });
      expect(await errorOf(peer.request(range))).toMatchObject({ code: "PEER_REJECTED" });
      expect([names, server.sockets]).toEqual([[], []]);
    },
  );

  it("A proxy in a private network is asked for it: where the name leads is known there alone", async () => {
    const proxy = await serve(answerWith(file));
    vi.stubEnv("http_proxy", `http://127.0.0.1:${proxy.port}`);
    const names = lookUp({});
    const peer = peerAt("http://out.example/file.bin", { publicOnly: true });
    expect((await bytesOf(peer.request(range))).length).toBe(5000);
    expect([names, peer.isPrivate]).toEqual([[], undefined]);
    const inside = peerAt("http://127.0.0.2/file.bin", { publicOnly: true });
    expect(await errorOf(inside.request(range))).toMatchObject({ code: "PEER_REJECTED" });
    expect(proxy.requests).toHaveLength(1);
  });

  it("Of the mirrors of a list those that a stranger named are held to the public network, on lines of their own", async () => {
    const server = await serve(answerWith(file));
    lookUp({ "out.example": here });
    const urls = ["a", "b"].map((name) => `http://out.example:${server.port}/${name}`);
    const [, named = ""] = urls;
    const { connect, close } = sharedLine(connectNode());
    const asked = httpPeers(of(urls), { connect, publicOnly: (id) => id === named }).pipe(
      take(1),
      map(async ([given, stranger]) => {
        // The connection of the one that was given rests, and is nobody else's.
        const bytes = given && (await bytesOf(given.request(range)));
        return [bytes?.length, stranger && (await errorOf(stranger.request(range))).code];
      }),
      tap({ complete: close }),
    );
    expect(await firstValueFrom(asked)).toEqual([5000, "PEER_REJECTED"]);
  });
});

describe("where a mirror is", () => {
  it("A mirror is known to be in a private network when it has answered, whatever its name", async () => {
    const server = await serve(answerWith(file));
    lookUp({ "in.example": here });
    const peer = peerAt(`http://in.example:${server.port}/file.bin`);
    expect(peer.isPrivate).toBeUndefined();
    await bytesOf(peer.request(range));
    expect(peer.isPrivate).toBe(true);
  });
});
