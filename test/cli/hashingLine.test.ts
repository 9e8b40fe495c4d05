import type { WriteStream } from "node:tty";
import { expect, it, vi } from "vitest";
import { hashingLine } from "../../src/cli/show/hashingLine.js";
import { TerminalScreen } from "../TerminalScreen.js";

/** A line on a terminal of 60 columns, at a time that the test sets. */
function lineOn(isTTY: boolean, isQuiet = false) {
  vi.stubEnv("TERM", "xterm");
  const terminal = new TerminalScreen({ columns: 60, rows: 5 });
  let now = 0;
  let written = Promise.resolve();
  const write = (text: string): boolean => {
    written = terminal.write(text.replaceAll("\n", "\r\n"));
    return true;
  };
  const stream = { write, columns: 60, rows: 5, isTTY } as unknown as WriteStream;
  const line = hashingLine("/films/film.mkv", isQuiet, { stream, now: () => now });
  const at = async (ms: number, bytes: number): Promise<readonly string[]> => {
    now = ms;
    line.tell(bytes, 2_000_000_000);
    await written;
    return terminal.rows;
  };
  const end = async (): Promise<readonly string[]> => {
    line.end();
    await written;
    return terminal.rows;
  };
  return { at, end };
}

it("A hash that takes a while has a line on the terminal, four times a second at most, which goes with it", async () => {
  const { at, end } = lineOn(true);
  expect(await at(249, 400_000_000)).toEqual([]);
  expect(await at(250, 500_000_000)).toEqual(["film.mkv  25 % of 2.00 GB hashed"]);
  expect(await at(499, 900_000_000)).toEqual(["film.mkv  25 % of 2.00 GB hashed"]);
  expect(await at(500, 1_000_000_000)).toEqual(["film.mkv  50 % of 2.00 GB hashed"]);
  expect(await end()).toEqual([]);
});

it("A hash has no line where there is no terminal, and where nobody wants one", async () => {
  expect(await lineOn(false).at(9000, 5)).toEqual([]);
  expect(await lineOn(true, true).at(9000, 5)).toEqual([]);
});
