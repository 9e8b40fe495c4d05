import { describe, expect, it } from "vitest";
import { isPrivate } from "../../../src/adapters/network/isPrivate.js";

describe("an address", () => {
  it.each([
    ..."127.0.0.1 127.9.9.9 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 0x7f.1 2130706433 017700000001".split(
      " ",
    ),
    ..."[::1] [::] [fc00::1] [fd12::1] [fe80::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1]".split(" "),
    ..."localhost LOCALHOST localhost. a.localhost nas nas.local router.lan x.internal x.home.arpa".split(" "),
    ..."224.0.0.1 255.255.255.255 198.18.0.1".split(" "),
  ])("An address at %s leads to this machine or a private network", (host) => {
    expect(isPrivate(`http://${host}:8080/a`)).toBe(true);
  });

  it.each([
    ..."8.8.8.8 172.15.0.1 172.32.0.1 192.169.0.1 11.0.0.1 100.128.0.1 126.0.0.1 223.255.255.255".split(" "),
    ..."[2001:db8::1] [::ffff:8.8.8.8] a.example localhost.example local.example".split(" "),
  ])("An address at %s does not", (host) => {
    expect(isPrivate(`https://${host}/a`)).toBe(false);
    expect(isPrivate(`ws://${host}:9/a`)).toBe(false);
  });

  it("What is no address is taken to lead there", () => {
    expect(isPrivate("http://[")).toBe(true);
  });
});
