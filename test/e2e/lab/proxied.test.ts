import { afterEach, expect, vi } from "vitest";
import { cleanUp } from "../../adapters/http/harness.js";
import { socksProxy } from "../../adapters/http/socksProxy.js";
import { it } from "./harness.js";

afterEach(async () => {
  vi.unstubAllEnvs();
  await cleanUp();
});

it("A file is got whole through a SOCKS proxy that the environment names", async ({ lab }) => {
  await lab.file(1024 * 1024);
  const server = await lab.serve();
  const proxy = await socksProxy();
  vi.stubEnv("all_proxy", `socks5h://${proxy.host}`);
  const get = lab.get();
  expect([await get.ended(), get.stderr]).toEqual([0, ""]);
  expect(await lab.isRight()).toBe(true);
  expect(proxy.seen).toHaveLength(server.connections);
});

it("A proxy of a kind that nobody speaks is refused by name, and nothing is asked past it", async ({ lab }) => {
  await lab.file(1000);
  const server = await lab.serve();
  vi.stubEnv("all_proxy", "ftp://user:secret@proxy:1");
  const get = lab.get();
  expect(await get.ended()).toBe(2);
  expect(get.stderr).toContain("all_proxy in the environment names a proxy of ftp:");
  expect(get.stderr).not.toContain("secret");
  expect(server.connections).toBe(0);
});
