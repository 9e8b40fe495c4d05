import { describe, expect, it } from "vitest";
import { aHeader, readHeaders } from "../../src/cli/options/readHeaders.js";
import { UsageError } from "../../src/cli/UsageError.js";

describe("--header", () => {
  it("The flag --header gives headers to hosts, several to one where there are several", () => {
    const given = ["A.org=Accept: a/b", "a.org=X-Key:k=1: 2", "b:8080=Cookie: c=d", "[::1]:80=X: y"];
    expect(readHeaders(given.map((text) => aHeader(text, "--header")))).toEqual({
      "a.org": { Accept: "a/b", "X-Key": "k=1: 2" },
      "b:8080": { Cookie: "c=d" },
      "[::1]:80": { X: "y" },
    });
    expect(readHeaders()).toEqual({});
  });

  it.each(["", "secret", "host=secret", "host=Name:", "=Name: secret", "host Name: secret", "host=Na me: secret"])(
    "The flag --header refuses %j, and repeats no value",
    (text) => {
      expect(() => aHeader(text, "--header")).toThrow(UsageError);
      expect(() => aHeader(text, "--header")).toThrow("--header must be HOST=NAME: VALUE or HOST:PORT=NAME: VALUE");
    },
  );

  it.each([
    ["h=Na@me: secret", '"Na@me", for h, is no name of a header'],
    ["h=Range: secret", "the header Range, for h, is one that each request sets by itself"],
    ["h=Name: secret\u0001", "the header Name for h holds a line break or another character that no header can hold"],
  ])("The flag --header refuses %j, which cannot be sent, by its name and without its value", (text, why) => {
    expect(() => aHeader(text, "--header")).toThrow(UsageError);
    expect(() => aHeader(text, "--header")).toThrow(`--header cannot be: ${why}`);
  });
});
