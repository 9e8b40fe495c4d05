import { describe, expect, it } from "vitest";
import { readHeaders } from "../../src/cli/options/headers.js";

describe("headers of the command line", () => {
  it("are kept by host", () => {
    expect(readHeaders(["A.example=X-One: 1", "a.example=X-Two: a: b=c", "b:80=X-One: 2"])).toEqual({
      "a.example": { "X-One": "1", "X-Two": "a: b=c" },
      "b:80": { "X-One": "2" },
    });
    expect(readHeaders()).toEqual({});
  });

  it.each(["", "X-One: 1", "a=X-One", "a=X-One:", "=X-One: 1", "a b=X-One: 1"])("are not %j", (text) => {
    expect(() => readHeaders([text])).toThrow("--header must be HOST=NAME: VALUE");
  });

  it("that are wrong are not repeated, because they may be secret", () => {
    expect(() => readHeaders(["Authorization: secret"])).toThrow(/^(?!.*secret)/s);
  });
});
