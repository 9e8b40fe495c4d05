import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { lineWriter } from "../../src/cli/show/lineWriter.js";

/** All that is written to a stream, whose reader takes it or not. */
function collecting(reads = true) {
  const texts: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      texts.push(text);
      if (reads) done();
    },
  });
  return { stream, texts };
}

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

it("A line for people is one line of at most 4096 characters without anything that a terminal would obey, whoever chose its words", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 6000, size: "max" }), (text) => {
      const { stream, texts } = collecting();
      lineWriter(stream).write(text);
      const [line = "", ...others] = texts;
      expect(others).toEqual([]);
      expect(line.endsWith("\n")).toBe(true);
      expect(line.length).toBeLessThanOrEqual(4097);
      expect(line.slice(0, -1)).not.toMatch(obeyed);
    }),
  );
});

it("A line for programs is the same value, without anything that a terminal would obey", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { stream, texts } = collecting();
      lineWriter(stream).writeJson({ text });
      const line = texts.join("").slice(0, -1);
      expect(line).not.toMatch(obeyed);
      expect(JSON.parse(line)).toEqual({ text });
    }),
    { examples: [["\u009b31m\u202e\u{e0001}\u2028"]] },
  );
});

it("Lines that nobody reads are dropped while eight million characters wait", () => {
  const { stream } = collecting(false);
  const lines = lineWriter(stream);
  const megabyte = "x".repeat(2 ** 20);
  const taken = Array.from({ length: 20 }, () => lines.writeJson(megabyte));
  expect(taken.filter(Boolean)).toHaveLength(8);
  expect(stream.writableLength).toBeLessThan(10 * 2 ** 20);
});
