import { styleText } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { drawTerminal } from "../../bench/picture/drawTerminal.js";
import { readSgr } from "../../bench/picture/readSgr.js";
import { coloured } from "../../src/cli/show/paint.js";

const escape = "\u001b[";

describe("a picture of a terminal", () => {
  it("A line is cut into runs, each with its column and style", () => {
    const plain = { isBold: false, isDim: false };
    expect(readSgr(`a ${escape}1mtitle${escape}22m ${escape}32m██${escape}39m${escape}2m░${escape}22m b`)).toEqual([
      { text: "a ", column: 0, ...plain },
      { text: "title", column: 2, isBold: true, isDim: false },
      { text: " ", column: 7, ...plain },
      { text: "██", column: 8, color: "green", ...plain },
      { text: "░", column: 10, isBold: false, isDim: true },
      { text: " b", column: 11, ...plain },
    ]);
  });

  it.each(["title", "good", "bad", "warning", "faint"] as const)(
    "The role %s of the live view can be drawn",
    (role) => {
      vi.stubEnv("FORCE_COLOR", "1");
      const [run, ...more] = readSgr(coloured(role, "text"));
      vi.unstubAllEnvs();
      expect(more).toEqual([]);
      expect(run).toMatchObject({ text: "text", column: 0 });
      expect([run?.color, run?.isBold, run?.isDim]).not.toEqual([undefined, false, false]);
    },
  );

  it("A style that no picture has is refused by its code", () => {
    expect(() => readSgr(styleText("underline", "text", { validateStream: false }))).toThrow(/SGR code 4/);
  });

  it("A word stands in its column and is as wide as its cells, and nothing of it is markup", () => {
    const svg = drawTerminal([`${escape}31ma <b>${escape}39m    c`], 20);
    const texts = Array.from(svg.matchAll(/<text x="([\d.]+)" .*textLength="([\d.]+)" .*>(.*)<\/text>/g), (found) =>
      found.slice(1),
    );
    expect(texts).toEqual([
      ["16", "42", "a &lt;b&gt;"],
      ["91.6", "8.4", "c"],
    ]);
  });
});
