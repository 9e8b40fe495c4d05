import { describe, expect, it } from "vitest";
import { nobodyHasIt } from "../../src/discovery/refusals.js";
import { printOf, sampleAt, sampleRanges } from "../../src/discovery/samples.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";

describe("the places at which two files are compared", () => {
  const places = (size: number) => sampleRanges(size).map(({ position, length }) => [position, length]);

  it("Two files are compared at the start, the middle and the end, 4 KiB each", () => {
    const last = 5 * 1024 ** 3 - 4096;
    expect(places(last + 4096)).toEqual([
      [0, 4096],
      [last / 2, 4096],
      [last, 4096],
    ]);
  });

  it.each([
    [0, []],
    [1, [[0, 1]]],
    [4096, [[0, 4096]]],
    [
      4097,
      [
        [0, 4096],
        [1, 4096],
      ],
    ],
  ])("The places at which a file of %i bytes is compared lie within it, each once", (size, wanted) => {
    expect(places(size)).toEqual(wanted);
  });

  it("The places at which two files are compared may be chosen, and are never longer", () => {
    expect(sampleAt(7_000_000_000)).toMatchObject({ position: 7_000_000_000, length: 4096 });
    expect(sampleAt(3, 2).length).toBe(2);
    expect(sampleAt(3, 5000).length).toBe(4096);
  });
});

describe("the print of bytes", () => {
  it("The print of bytes does not depend on the pieces in which they came", () => {
    const print = printOf([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    expect(printOf([Uint8Array.of(1), Uint8Array.of(2, 3)])).toBe(print);
    expect(printOf([Uint8Array.of(1, 2, 4)])).not.toBe(print);
  });
});

describe("when nobody has the file", () => {
  const errors = (...codes: DownloadErrorCode[]) => codes.map((code, i) => new DownloadError(code, `m${i} fails`));

  it("When nobody has the file, the error is what the last mirror said", () => {
    expect(nobodyHasIt(errors("FILE_NOT_FOUND", "CONNECTION_REFUSED"))).toMatchObject({
      code: "CONNECTION_REFUSED",
      message: "m1 fails",
    });
    expect(nobodyHasIt([new Error("odd")])).toMatchObject({ code: "UNKNOWN", message: "odd" });
  });

  it("When all said that there is no such file, there is none anywhere", () => {
    const [one, two] = errors("FILE_NOT_FOUND", "FILE_NOT_FOUND");
    expect(nobodyHasIt([one])).toMatchObject({ code: "FILE_NOT_FOUND_ANYWHERE", message: "m0 fails", cause: one });
    expect(nobodyHasIt([one, two])).toMatchObject({ message: "none of 2 mirrors has the file" });
  });

  it("When nobody was asked, there are no peers", () => {
    expect(nobodyHasIt([])).toMatchObject({ code: "NO_PEERS", message: "no mirror could be asked" });
  });
});
