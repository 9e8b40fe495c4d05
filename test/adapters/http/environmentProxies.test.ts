import { describe, expect, it } from "vitest";
import { environmentProxies, proxyHeaders } from "../../../src/adapters/http/environmentProxies.js";

const host = (env: NodeJS.ProcessEnv, url: string) => environmentProxies(env)(new URL(url))?.host;

describe("the proxies of the environment", () => {
  it.each<[string, NodeJS.ProcessEnv, string, string | undefined]>([
    ["none", {}, "http://a/", undefined],
    ["one for http", { http_proxy: "http://p:1" }, "http://a/", "p:1"],
    ["one in large letters", { HTTP_PROXY: "http://p:1" }, "http://a/", "p:1"],
    [
      "one in both, of which small letters count",
      { http_proxy: "http://p:1", HTTP_PROXY: "http://q:1" },
      "http://a/",
      "p:1",
    ],
    ["one for https", { https_proxy: "http://p:1" }, "https://a/", "p:1"],
    ["one for https, asked for http", { https_proxy: "http://p:1" }, "http://a/", undefined],
    ["one for all that has a name for http only", { http_proxy: "http://p:1" }, "https://a/", "p:1"],
    ["an empty one", { http_proxy: "" }, "http://a/", undefined],
  ])("The proxies of the environment are %s", (_name, env, url, expected) => {
    expect(host(env, url)).toBe(expected);
  });

  it.each([
    ["*", "http://a.b/", true],
    ["a.b", "http://a.b/", true],
    ["a.b", "http://x.a.b/", true],
    [".a.b", "http://x.a.b/", true],
    ["*.a.b", "http://x.a.b/", true],
    ["a.b", "http://xa.b/", false],
    ["A.B", "http://a.b/", true],
    ["x, a.b", "http://a.b/", true],
    ["x a.b", "http://a.b/", true],
    ["a.b:81", "http://a.b/", false],
    ["a.b:81", "http://a.b:81/", true],
    ["a.b:80", "http://a.b/", true],
    ["[::1]", "http://[::1]/", true],
    [", ,", "http://a.b/", false],
  ])("The proxies of the environment are left out by no_proxy=%j for %s: %s", (no_proxy, url, isLeftOut) => {
    expect(host({ http_proxy: "http://p:1", no_proxy }, url) === undefined).toBe(isLeftOut);
    expect(host({ http_proxy: "http://p:1", NO_PROXY: no_proxy }, url) === undefined).toBe(isLeftOut);
  });

  it.each(["p:1", "user:secret@p", "socks5://p:1", "http://", "http://%zz:x@p"])(
    "The proxies of the environment cannot be %s",
    (http_proxy) => {
      expect(() => environmentProxies({ http_proxy })).toThrow(TypeError);
      expect(() => environmentProxies({ http_proxy })).toThrow(
        "http_proxy or https_proxy in the environment is no address",
      );
    },
  );

  it("The proxies of the environment are told who asks, where their address says it", () => {
    expect(proxyHeaders(new URL("http://p:1"))).toEqual({});
    const basic = Buffer.from("a b:c@d").toString("base64");
    expect(proxyHeaders(new URL("http://a%20b:c%40d@p:1"))).toEqual({ "proxy-authorization": `Basic ${basic}` });
  });
});
