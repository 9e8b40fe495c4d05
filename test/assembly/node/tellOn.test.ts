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
  const links = [`ws://127.0.0.1:1/${root}`, `${server.url}/${root}`];
  tellOn(links, shared, { dial: dialNode() }, 20).subscribe({ complete: () => (isOver = true) });
  await expect.poll(() => server.heard.filter(({ type }) => type === "serving").length).toBeGreaterThan(2);
  expect(server.heard.at(1)).toEqual({ type: "serving", root, port: 7001 });
  expect(isOver).toBe(false);
  served.unsubscribe();
  expect(isOver).toBe(true);
});

it("A file that is served at no door is told of to nobody", () => {
  let isOver = false;
  tellOn([], new SharedFiles(), { dial: dialNode() }).subscribe({ complete: () => (isOver = true) });
  expect(isOver).toBe(true);
});
