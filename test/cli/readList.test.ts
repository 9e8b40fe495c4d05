import { expect, it } from "vitest";
import { parseList } from "../../src/cli/options/readList.js";

it("A list is read as aria2 reads it", () => {
  const text =
    "#c\r\nhttp://a/x\thttp://b/x\t\r\n  out=name=1\r\n\tdir=d\n checksum=sha-1=0000000000000000000000000000000000000000\n\nhttp://c/y\n";
  expect(parseList(text, "list")).toEqual([
    {
      sources: ["http://a/x", "http://b/x"],
      out: "name=1",
      dir: "d",
      checksum: "sha-1=0000000000000000000000000000000000000000",
    },
    { sources: ["http://c/y"] },
  ]);
});

it.each([
  ["http://a/x\n\nfilm.mkv", 'line 3 of list: "film.mkv" is no source; it must be'],
  ["http://a/x\n out=", "line 2 of list gives no value to out"],
  [
    "http://a/x\n out",
    'line 2 of list is option "out"; a file in a list has only out, dir, checksum, each as NAME=VALUE',
  ],
])("The list %j is refused, with its line", (text, message) => {
  expect(() => parseList(text, "list")).toThrow(message);
});
