import type { LookupAddress, LookupOptions } from "node:dns";
import { afterEach, describe, expect, it, vi } from "vitest";
import { anywhere, publicOnly } from "../../../src/adapters/network/Reach.js";
import { errorOf, lookUp } from "./names.js";

afterEach(() => vi.restoreAllMocks());

/** The answer of a look-up that leads to the public network only. */
function found(options: LookupOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    publicOnly.dialling.lookup?.("any.example", options, (error, addresses, family) => {
      if (error === null) resolve(family === undefined ? addresses : [addresses, family]);
      else reject(error);
    });
  });
}

const [inside, insideToo] = [address("10.0.0.1"), address("::ffff:127.0.0.1")];
const [outside, outsideToo] = [address("192.0.2.1"), address("2001:db8::1")];

function address(of: string): LookupAddress {
  return { address: of, family: of.includes(":") ? 6 : 4 };
}

describe("a reach to the public network only", () => {
  it("Of the addresses of a name the public ones are left", async () => {
    lookUp({ "any.example": [inside, outside, insideToo, outsideToo] });
    expect(await found({ all: true })).toEqual([outside, outsideToo]);
    expect(await found({ family: 4 })).toEqual(["192.0.2.1", 4]);
  });

  it("A name that has only private addresses is refused, and they are told", async () => {
    lookUp({ "any.example": [inside, insideToo] });
    const error = await errorOf(found({ all: true }));
    expect(error).toMatchObject({ code: "EPRIVATE" });
    expect(error.message).toContain("(10.0.0.1, ::ffff:127.0.0.1)");
  });

  it("A name that nobody knows is as unknown as it is", async () => {
    lookUp({});
    expect(await errorOf(found({ all: true }))).toMatchObject({ code: "ENOTFOUND" });
  });

  it("An address is refused by its words where they lead elsewhere, and taken anywhere else", () => {
    const check = (url: string) => () => publicOnly.check(url, "ws://a:1");
    for (const url of ["http://127.0.0.1:80/", "wss://[fd00::1]/", "http://localhost/", "http://nas/"]) {
      expect(check(url)).toThrow(`ws://a:1 leads to ${new URL(url).host}, `);
      expect(() => anywhere.check(url, "ws://a:1")).not.toThrow();
    }
    expect(check("https://a.example/")).not.toThrow();
  });
});
