import { NEVER } from "rxjs";
import { expect, it } from "vitest";
import { HttpPeer } from "../../src/adapters/http/HttpPeer.js";
import { checkOneFile } from "../../src/discovery/checkOneFile.js";
import type { AnsweredMirror } from "../../src/discovery/Mirror.js";

const connect = () => ({ send: () => NEVER, renew: () => undefined, close: () => undefined });
const mirror = (url: string, said: Partial<AnsweredMirror["said"]>): AnsweredMirror => ({
  mirror: new HttpPeer(url, { connect }),
  said: { ranges: true, ...said },
});
const check =
  (...mirrors: readonly AnsweredMirror[]) =>
  () =>
    checkOneFile(mirrors, ({ said: { size, etag } }) => size?.toString() ?? etag);

const one = mirror("http://a/one.iso", { size: 10 });
const two = mirror("http://b/two.iso", { size: 20 });

it("Two files under two names, each on as many mirrors, are refused with both and their sizes", () => {
  expect(check(one, two)).toThrow(
    expect.objectContaining({
      code: "DIFFERENT_FILES",
      message:
        "http://a/one.iso (10 bytes) and http://b/two.iso (20 bytes) are two files, and the sources of one download are mirrors of one: fetch each by itself",
    }),
  );
});

it("A file whose size nobody tells is named without one", () => {
  const [a, b] = [mirror("http://a/one", { etag: "1" }), mirror("http://b/two", { etag: "2" })];
  expect(check(a, b)).toThrow("http://a/one and http://b/two are two files");
});

it("A majority decides, whatever the names", () => {
  expect(check(one, two, mirror("http://c/three.iso", { size: 20 }))).not.toThrow();
});

it("Mirrors that call it the same have one file, of which one is stale", () => {
  expect(check(one, mirror("http://b/old/one.iso", { size: 9 }))).not.toThrow();
  const suggested = { name: "one.iso" };
  const [get, fetch] = [mirror("http://a/get?id=1", suggested), mirror("http://b/fetch?id=2", suggested)];
  const [a, b] = [
    { ...get, said: { ...get.said, size: 1 } },
    { ...fetch, said: { ...fetch.said, size: 2 } },
  ];
  expect(check(a, b)).not.toThrow();
});

it("The query belongs to the last part of an address", () => {
  expect(check(mirror("http://a/get?id=1", { size: 1 }), mirror("http://b/get?id=2", { size: 2 }))).toThrow(
    "two files",
  );
});

it("A page, an empty answer and a mirror that does not tell have no say", () => {
  const page = mirror("http://b/two.iso", { size: 20, type: "text/html" });
  expect(check(one, page)).not.toThrow();
  expect(check(one, mirror("http://b/two.iso", { size: 0 }))).not.toThrow();
  expect(check(one, mirror("http://b/two.iso", {}))).not.toThrow();
  expect(check(one, mirror("http://b/two.html", { size: 20, type: "text/html" }))).toThrow("two files");
});
