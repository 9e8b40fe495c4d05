import { afterEach, expect, it } from "vitest";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { tellOn } from "../../../src/assembly/node/tellOn.js";
import { SharedFiles } from "../../../src/seeder/SharedFiles.js";
import { cleanUp, scripted } from "../../adapters/websocket/harness.js";

const root = "ab".repeat(32);

afterEach(cleanUp);

it("Peers are told again and again at which door a file is served whose download is over, until it is served no more; one that is gone stops nobody", async () => {
  const server = await scripted(() => undefined, {
    hello: false,
    onConnection: (client) => {
      client.say({ type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 }, features: ["peers"] });
      client.socket.on("message", () => server.heard.length % 2 === 0 && client.socket.close());
    },
  });
  const shared = new SharedFiles();
  const served = shared.servedAt({ port: 7001, tls: false, scope: "machine" });
  let isOver = false;
  const request = { root, places: ["ws://127.0.0.1:1", server.url], mirrors: [] };
  tellOn(request, shared, { dial: dialNode() }, 20).subscribe({ complete: () => (isOver = true) });
  await expect.poll(() => server.heard.filter(({ type }) => type === "serving").length).toBeGreaterThan(2);
  expect(server.heard.at(1)).toEqual({ type: "serving", root, port: 7001 });
  expect(isOver).toBe(false);
  served.unsubscribe();
  expect(isOver).toBe(true);
});

it("A file that is served at no door is told of to nobody", () => {
  let isOver = false;
  tellOn({ root, places: [], mirrors: [] }, new SharedFiles(), { dial: dialNode() }).subscribe({
    complete: () => (isOver = true),
  });
  expect(isOver).toBe(true);
});

it("A peer that a stranger named is not told at an address of this machine, one that the user named is", async () => {
  const limits = { frameBytes: 65_536, requests: 16 };
  let dialled = 0;
  const server = (count: boolean) =>
    scripted(() => undefined, {
      hello: false,
      onConnection: (client) => {
        if (count) dialled++;
        client.say({ type: "hello", version: 1, limits, features: ["peers"] });
        client.socket.on("message", () => client.socket.close());
      },
    });
  const [named, given] = await Promise.all([server(true), server(false)]);
  const shared = new SharedFiles();
  const served = shared.servedAt({ port: 7001, tls: false, scope: "machine" });
  const request = {
    root,
    places: [named.url, given.url],
    mirrors: [],
    named: [{ url: named.url, publicOnly: true, source: "metalink" as const }],
  };
  tellOn(request, shared, { dial: dialNode() }, 20).subscribe();
  await expect.poll(() => given.heard.length).toBeGreaterThan(4);
  served.unsubscribe();
  expect(dialled).toBe(0);
});
