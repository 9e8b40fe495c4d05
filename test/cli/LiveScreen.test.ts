import type { WriteStream } from "node:tty";
import { describe, expect, it } from "vitest";
import { LiveScreen } from "../../src/cli/show/LiveScreen.js";
import { TerminalScreen, type TerminalSize } from "../TerminalScreen.js";

/** A terminal of so many columns and rows, and a screen on it. */
async function screenOn(columns: number, rows: number) {
  const terminal = new TerminalScreen({ columns, rows });
  let written: Promise<void> = terminal.write("$ tributary get\r\n");
  const write = (text: string): boolean => {
    written = terminal.write(text.replaceAll("\n", "\r\n"));
    return true;
  };
  const stream = { write, columns, rows, isTTY: true };
  const tell = (size: TerminalSize): unknown => Object.assign(stream, size);
  const screen = new LiveScreen(stream as unknown as WriteStream);
  const draw = (lines: readonly string[], above?: readonly string[]): Promise<void> => {
    screen.draw(lines, above);
    return written;
  };
  await written;
  return { terminal, screen, draw, tell };
}

const lines = (columns: number, count: number, sign: string) =>
  Array.from({ length: count }, (_, n) => `${n}${sign.repeat(columns - 2)}`);

describe("a screen that is drawn anew", () => {
  it.each([
    [100, 60],
    [100, 33],
    [60, 100],
    [80, 80],
  ])(
    "A terminal of %d columns that becomes one of %d shows the last frame alone, below what was there",
    async (from, to) => {
      const { terminal, draw, tell } = await screenOn(from, 30);
      const size = { columns: to, rows: 30 };
      await draw(lines(from, 5, "a"));
      terminal.resize(size);
      tell(size);
      await draw(lines(to, 4, "b"));
      expect(terminal.rows).toEqual(["$ tributary get", ...lines(to, 4, "b")]);
      await draw(lines(to, 6, "c"));
      expect(terminal.rows).toEqual(["$ tributary get", ...lines(to, 6, "c")]);
    },
  );

  it("A frame that is drawn before the command hears of a narrower terminal leaves nothing behind", async () => {
    const { terminal, draw, tell } = await screenOn(100, 30);
    const size = { columns: 45, rows: 30 };
    await draw(lines(100, 5, "a"));
    terminal.resize(size);
    await draw(lines(100, 5, "b"));
    await draw(lines(100, 5, "c"));
    tell(size);
    await draw(lines(45, 4, "d"));
    expect(terminal.rows).toEqual(["$ tributary get", ...lines(45, 4, "d")]);
  });

  it("A terminal that is narrower than any frame keeps what was above, and shows each line cut", async () => {
    const { terminal, screen, draw } = await screenOn(10, 20);
    await draw(lines(screen.columns, 4, "a"));
    await draw(lines(screen.columns, 4, "b"));
    await draw(lines(screen.columns, 4, "c"));
    expect(terminal.rows).toEqual(["$ tributar", "y get", ...lines(11, 4, "c")]);
  });

  it("A frame that goes on from the one before, blank lines and all, stands where that stood", async () => {
    const { terminal, draw } = await screenOn(40, 20);
    await draw(["asking"]);
    await draw(["asking", "", "news"]);
    await draw(["asking", "", "news", "", "more"]);
    await draw(["film", "", "news"]);
    await draw(["film"]);
    expect(terminal.rows).toEqual(["$ tributary get", "film"]);
  });

  it("A terminal that has fewer rows than the frame shows the next one alone", async () => {
    const { terminal, draw, tell } = await screenOn(40, 20);
    const size = { columns: 40, rows: 6 };
    await draw(lines(40, 12, "a"));
    terminal.resize(size);
    tell(size);
    await draw(lines(40, 5, "b"));
    await draw([...lines(40, 4, "b"), "c"]);
    expect(terminal.rows).toEqual([...lines(40, 4, "b"), "c"]);
  });

  it("Lines that stay stand above the frame, also when there are more of them than the terminal has rows", async () => {
    const { terminal, draw } = await screenOn(40, 6);
    await draw(lines(40, 3, "a"));
    const kept = Array.from({ length: 20 }, (_, n) => `file ${n}`);
    await draw(lines(40, 2, "b"), kept);
    expect(terminal.everything).toEqual(["$ tributary get", ...kept, ...lines(40, 2, "b")]);
  });

  it("What was typed below a frame is gone with the next one", async () => {
    const { terminal, draw } = await screenOn(40, 6);
    await draw(["a"]);
    await terminal.write("^C");
    await draw(["b"]);
    expect(terminal.rows).toEqual(["$ tributary get", "b"]);
  });

  it("Every frame leaves the cursor shown, and lines folding, as it found them", async () => {
    const { terminal, draw } = await screenOn(40, 6);
    await draw(lines(60, 3, "a"));
    expect([terminal.isCursorShown, terminal.isFolding, terminal.folded]).toEqual([true, true, []]);
  });

  it("A screen takes a line less than the terminal has rows, and a column less than it has columns", async () => {
    const { screen } = await screenOn(40, 6);
    expect([screen.columns, screen.rows]).toEqual([39, 5]);
  });
});
