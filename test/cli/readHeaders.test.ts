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
});
