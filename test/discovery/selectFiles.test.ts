import { describe, expect, it } from "vitest";
import { selectFile, selectFiles } from "../../src/discovery/selectFiles.js";

const [a, b, two] = ["a", "b", "2"].map((name) => ({ name, size: 1, urls: [] }));
const files = [a, b, two].filter((file) => file !== undefined);

describe("selectFiles", () => {
  it.each([
    [undefined, [a, b, two]],
    [[], [a, b, two]],
    [["b"], [b]],
    [
      ["b", "a"],
      [a, b],
    ],
    [[1, "a", "1"], [a]],
    [[3], [two]],
    [["2"], [two]],
  ])(
    "The selection %j is answered with names before places, in the document's order, each once",
    (selected, expected) => {
      expect(selectFiles(files, selected)).toEqual(expected);
    },
  );

  it.each(["c", "A", "", "0", 0, 4, "4", -1, 1.5, Number.NaN])(
    "The selection %j is refused with the names that there are",
    (selection) => {
      expect(() => selectFiles(files, ["a", selection])).toThrow(
        expect.objectContaining({
          code: "FILE_NOT_FOUND",
          message: `select is "${selection}"; it must be the name of a file in the metalink, or its place there, from 1 to 3: "a", "b", "2"`,
        }) as Error,
      );
    },
  );

  it("A refused selection names no more than twenty files", () => {
    const many = Array.from({ length: 1000 }, (_, n) => ({ name: `f${n}`, size: 1, urls: [] }));
    expect(() => selectFiles(many, ["a"])).toThrow(/"f19" and 980 more$/);
  });
});

describe("selectFile", () => {
  it("The only file is selected when nothing is said", () => {
    expect(selectFile(files.slice(0, 1))).toBe(a);
    expect(selectFile(files, "b")).toBe(b);
  });

  it("One of several files is not selected unasked", () => {
    expect(() => selectFile(files)).toThrow(
      expect.objectContaining({
        code: "INVALID_MANIFEST",
        message: 'select is not given, and the metalink names several files: "a", "b", "2"',
      }) as Error,
    );
  });

  it("Of several files the one of the usual name is selected unasked; where there is none, names that there are are told", () => {
    expect(selectFile(files, undefined, "b")).toBe(b);
    expect(selectFile(files.slice(0, 1), undefined, "b")).toBe(a);
    // A name that is given by chance is no place.
    expect(() => selectFile(files, undefined, "1")).toThrow(
      expect.objectContaining({
        code: "FILE_NOT_FOUND",
        message:
          'select is not given, and the metalink names several files, none of which is called "1": "a", "b", "2"',
      }) as Error,
    );
  });
});
