import { expect, it } from "vitest";
import { safeFileName, safeFilePath } from "../../src/manifest/fileName.js";

it.each([
  "a",
  "debian-12.iso",
  "config",
  "a..b",
  "tributary.config.json5",
  "film.part1.rar",
  "film.parts",
  "part",
  "été 2024 (1).tar.gz",
  "日本語",
  "console.log",
  "👩‍🚀.png",
  "x".repeat(220),
])("A safe file name takes %j as it is", (name) => {
  expect(safeFileName(name)).toBe(name);
});

it.each([
  ["", "empty"],
  ["  ", "empty"],
  [".", "folder"],
  ["..", "folder"],
  ["/etc/passwd", "path"],
  ["../up", "path"],
  ["a/b", "path"],
  ["..\\up", "path"],
  ["C:evil", "one of"],
  ["file:stream", "one of"],
  ["what?", "one of"],
  ["a\0b", "control"],
  ["a\nb", "control"],
  ["a\u001b[2J", "control"],
  ["a\u0085b", "control"],
  ["\ud800", "control"],
  ["jpg.\u202eexe", "reorder"],
  ["trailing.", "dot"],
  ["trailing ", "dot or a space"],
  [" leading", "starts"],
  ["\u00a0leading", "starts"],
  ["trailing\u3000", "dot or a space"],
  ["CON", "device"],
  ["nul.txt", "device"],
  ["Com1.tar.gz", "device"],
  ["é".repeat(111), "222 bytes"],
  [".bashrc", "starts with a dot"],
  ["\u200d.bashrc", "starts with a dot"],
  ["tributary.config.json", "our own config file"],
  ["Tributary.Config.JSON", "our own config file"],
  ["tributary.con\ufefffig.json", "our own config file"],
  ["tributary.config.j\u017fon", "our own config file"],
  ["x.part", "unfinished downloads"],
  ["x.PART", "unfinished downloads"],
  ["x.part.json", "unfinished downloads"],
  ["x.part.json.damaged", "unfinished downloads"],
  ["x.part.lock", "unfinished downloads"],
  ["x.pa\u2060rt.lock", "unfinished downloads"],
])("A safe file name refuses %j", (name, reason) => {
  expect(() => safeFileName(name)).toThrow(
    expect.objectContaining({ code: "INVALID_MANIFEST", message: expect.stringContaining(reason) as string }),
  );
});

it("A refused file name is shown cut, and without what a terminal would obey", () => {
  expect(() => safeFileName(`${"a".repeat(5000)}/`)).toThrow(/^the suggested file name "a{60}…" is refused/);
  expect(() => safeFileName("a\u001b\u009b\u202e")).toThrow(/"a\\u001b\\u009b\\u202e"/);
});

it.each(["a", "t/README", "a/b/c.tar.gz"])("A safe file path takes %j as it is", (name) => {
  expect(safeFilePath(name)).toBe(name);
});

it.each([
  ["/etc/passwd", 'of its part "", it is empty'],
  ["../up", 'of its part "..", it is a folder'],
  ["a/../../up", 'of its part "..", it is a folder'],
  ["./a", 'of its part ".", it is a folder'],
  ["a//b", "it is empty"],
  ["a/", "it is empty"],
  ["..\\..\\up", "it is a path"],
  ["a/..\\b", "it is a path"],
  ["C:/windows", "it has one of"],
  ["a/nul/b", "device"],
  [".ssh/authorized_keys", "starts with a dot"],
  ["a/x.part/b", "unfinished downloads"],
  ["a./b", "ends with a dot"],
])("A safe file path refuses %j, as each of its parts has to be a safe name", (name, reason) => {
  expect(() => safeFilePath(name)).toThrow(
    expect.objectContaining({ code: "INVALID_MANIFEST", message: expect.stringContaining(reason) as string }),
  );
});
