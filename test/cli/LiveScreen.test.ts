import { EventEmitter } from "node:events";
import type { WriteStream } from "node:tty";
import { describe, expect, it } from "vitest";
import { LiveScreen } from "../../src/cli/show/LiveScreen.js";
import { TerminalModel } from "./TerminalModel.js";

/** A terminal of so many columns and rows, and a screen on it. */
function screenOn(columns: number, rows: number) {
  const terminal = new TerminalModel(columns, rows);
  const write = (text: string): boolean => {
    terminal.write(text.replaceAll("\n", "\r\n"));
    return true;
  };
  const stream = Object.assign(new EventEmitter(), { write, columns, rows, isTTY: true });
  const resize = (toColumns: number, toRows: number): void => {
    terminal.resize(toColumns, toRows);
    Object.assign(stream, { columns: toColumns, rows: toRows });
  };
  write("$ tributary get\n");
  return { terminal, resize, screen: new LiveScreen(stream as unknown as WriteStream) };
}

const lines = (columns: number, count: number, sign: string) =>
  Array.from({ length: count }, (_, n) => `${n}${sign.repeat(columns - 2)}`);

describe("a screen that is drawn anew", () => {
  it.each([
    [100, 60],
    [100, 33],
    [60, 100],
    [80, 80],
  ])("A terminal of %d columns that becomes one of %d shows the last frame alone, below what was there", (from, to) => {
    const { terminal, resize, screen } = screenOn(from, 30);
    screen.draw(lines(from, 5, "a"));
    resize(to, 30);
    screen.draw(lines(to, 4, "b"));
    expect(terminal.screen).toEqual(["$ tributary get", ...lines(to, 4, "b")]);
    screen.draw(lines(to, 6, "c"));
    expect(terminal.screen).toEqual(["$ tributary get", ...lines(to, 6, "c")]);
  });

  it("Lines that stay stand above the frame, also when there are more of them than the terminal has rows", () => {
    const { terminal, screen } = screenOn(40, 6);
    screen.draw(lines(40, 3, "a"));
    const kept = Array.from({ length: 20 }, (_, n) => `file ${n}`);
    screen.keep(kept);
    screen.draw(lines(40, 2, "b"));
    expect(terminal.everything).toEqual(["$ tributary get", ...kept, ...lines(40, 2, "b")]);
  });

  it("A screen takes a line less than the terminal has rows, and a column less than it has columns", () => {
    const { screen } = screenOn(40, 6);
    expect([screen.columns, screen.rows]).toEqual([39, 5]);
  });
});
