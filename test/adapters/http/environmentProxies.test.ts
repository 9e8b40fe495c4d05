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
    ["one without a scheme", { http_proxy: "p:1" }, "http://a/", "p:1"],
    ["one without a scheme, with a user", { http_proxy: "user:secret@p:1" }, "http://a/", "p:1"],
    ["one for all, asked for http", { all_proxy: "socks5h://p:1" }, "http://a/", "p:1"],
    ["one for all, asked for https", { ALL_PROXY: "socks5://p:1" }, "https://a/", "p:1"],
    ["one for all, before the one for http", { all_proxy: "q:1", http_proxy: "p:1" }, "https://a/", "q:1"],
    ["one for http, before the one for all", { all_proxy: "q:1", http_proxy: "p:1" }, "http://a/", "p:1"],
    ["one for https, before the one for all", { all_proxy: "q:1", https_proxy: "p:1" }, "https://a/", "p:1"],
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
    [" * ", "http://a.b/", true],
    ["a.b.", "http://a.b/", true],
    ["a.b", "http://a.b./", true],
    ["::1", "http://[::1]/", true],
    ["[::1]:80", "http://[::1]/", true],
    ["[::1]:81", "http://[::1]/", false],
    ["0:0::1", "http://[::1]/", true],
    ["fe80::/10", "http://[febf::1]/", true],
    ["fe80::/10", "http://[fec0::1]/", false],
    ["[fe80::/10]", "http://[fe80::1]/", true],
    ["10.0.0.0/8", "http://10.1.2.3/", true],
    ["10.0.0.0/8", "http://11.1.2.3/", false],
    ["192.168.1.0/23", "http://192.168.0.255/", true],
    ["10.0.0.0/8:81", "http://10.1.2.3/", false],
    ["0.0.0.0/0", "http://10.1.2.3/", true],
    ["10.0.0.0/33", "http://10.0.0.0/", false],
    ["10.0.0.0/x", "http://10.0.0.0/", false],
    ["10.0.0.0/8", "http://a10.test/", false],
    ["127.0.0.1", "http://127.0.0.1/", true],
    ["0.0.1", "http://127.0.0.1/", false],
    [".1", "http://127.0.0.1/", false],
  ])("The proxies of the environment are left out by no_proxy=%j for %s: %s", (no_proxy, url, isLeftOut) => {
    expect(host({ http_proxy: "http://p:1", no_proxy }, url) === undefined).toBe(isLeftOut);
    expect(host({ http_proxy: "http://p:1", NO_PROXY: no_proxy }, url) === undefined).toBe(isLeftOut);
  });

  it.each(["http://", "user:secret@", "http://%zz:x@p", "http://a b", "socks5://"])(
    "The proxies of the environment cannot be %j",
    (http_proxy) => {
      expect(() => environmentProxies({ http_proxy })).toThrow(TypeError);
      expect(() => environmentProxies({ http_proxy })).toThrow("http_proxy in the environment is no address");
    },
  );

  it.each(["ftp:", "socks:", "socks6:"])(
    "The proxies of the environment cannot be of %s, which is named, and the rest is not",
    (scheme) => {
      const all_proxy = `${scheme}//user:secret@p:1`;
      const message = `all_proxy in the environment names a proxy of ${scheme}, expected`;
      expect(() => environmentProxies({ all_proxy })).toThrow(message);
      expect(() => environmentProxies({ all_proxy })).not.toThrow("secret");
    },
  );

  it("The proxies of the environment are told who asks, where their address says it", () => {
    expect(proxyHeaders(new URL("http://p:1"))).toEqual({});
    const basic = Buffer.from("a b:c@d").toString("base64");
    expect(proxyHeaders(new URL("http://a%20b:c%40d@p:1"))).toEqual({ "proxy-authorization": `Basic ${basic}` });
  });
});
