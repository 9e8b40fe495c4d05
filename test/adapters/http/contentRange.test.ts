import { describe, expect, it } from "vitest";
import { parseContentRange } from "../../../src/adapters/http/contentRange.js";

describe("the Content-Range of an answer", () => {
  it.each([
    ["bytes 0-99/1000", { first: 0, last: 99, total: 1000 }],
    ["bytes=0-99/1000", { first: 0, last: 99, total: 1000 }],
    ["Bytes: 0-99/1000", { first: 0, last: 99, total: 1000 }],
    ["0-99/1000", { first: 0, last: 99, total: 1000 }],
    [" bytes 5-5/* ", { first: 5, last: 5, total: undefined }],
    ["bytes */1000", { first: -1, last: -1, total: 1000 }],
  ])("The Content-Range %j is read by its numbers", (header, range) => {
    expect(parseContentRange(header)).toEqual(range);
  });

  it.each([
    [undefined],
    [""],
    ["bytes 9-0/1000"],
    ["bytes 0-1000/1000"],
    ["bytes 0-/1000"],
    ["items 0-99/1000"],
    ["bytes 0-99/1e3"],
    ["bytes 0-9999999999999999/*"],
  ])("The Content-Range %j is none", (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });
});
