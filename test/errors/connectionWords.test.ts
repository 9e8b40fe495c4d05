import { describe, expect, it } from "vitest";
import { connectionWords } from "../../src/errors/connectionWords.js";
import { listenFailure } from "../../src/errors/listenFailure.js";

const failed = (message: string, code?: string): Error => Object.assign(new Error(message), code && { code });

describe("connectionWords", () => {
  it.each([
    ["connect ECONNREFUSED 127.0.0.9:9", "ECONNREFUSED", "the connection was refused (ECONNREFUSED 127.0.0.9:9)"],
    ["getaddrinfo ENOTFOUND a.invalid", "ENOTFOUND", "no host has this name (ENOTFOUND a.invalid)"],
    ["read ECONNRESET", "ECONNRESET", "the connection was reset (ECONNRESET)"],
    ["", "ETIMEDOUT", "nobody answered (ETIMEDOUT)"],
    ["socket hang up", "ECONNRESET", "socket hang up"],
    ["an end", undefined, "an end"],
  ])("%j with the code %s is told in words", (message, code, text) => {
    expect(connectionWords(failed(message, code)).text).toBe(text);
  });
});

describe("listenFailure", () => {
  it.each([
    ["EADDRINUSE", "cannot listen on a port 1: the port is in use"],
    ["EADDRNOTAVAIL", "cannot listen on a port 1: this machine has no such address"],
    ["EOTHER", "cannot listen on a port 1: it is odd"],
  ])("%s is told in words", (code, text) => {
    expect(listenFailure("a", 1, failed("it is odd", code))).toBe(text);
  });

  it("A port that is any is not spoken of", () => {
    const error = Object.assign(new Error("x"), { code: "ENOTFOUND" });
    expect(listenFailure("a.invalid", 0, error)).toBe("cannot listen on a.invalid: no host has this name");
  });
});
