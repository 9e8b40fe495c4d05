import xterm from "@xterm/headless";

/** Size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A control sequence that no program writes but those of tests. */
export const testsOwn = 7777;

/** Mode of DEC terminals that shows the cursor (DECTCEM). */
const cursorMode = 25;

/** What one sees on a terminal: the screen of xterm.js, which folds and unfolds lines when it is resized, as most terminals of today do. */
export class TerminalScreen {
  isCursorShown = true;
  /** Texts of the sequences of tests, in the order in which they came. */
  readonly told: string[] = [];
  readonly #terminal: xterm.Terminal;

  constructor({ columns, rows }: TerminalSize) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
    this.#terminal.parser.registerOscHandler(testsOwn, (text) => this.told.push(text) > 0);
    for (const final of ["h", "l"])
      this.#terminal.parser.registerCsiHandler({ prefix: "?", final }, (modes) => {
        if (modes.includes(cursorMode)) this.isCursorShown = final === "h";
        return false;
      });
  }

  /** Resolves when the text is on the screen. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  /** What was written must be on the screen before. */
  resize({ columns, rows }: TerminalSize): void {
    this.#terminal.resize(columns, rows);
  }

  /** Rows that are seen, without blanks at their ends and blank ones at the end. */
  get rows(): readonly string[] {
    return this.#rowsFrom(this.#terminal.buffer.active.baseY).map(({ text }) => text);
  }

  /** All rows, those that have gone up out of sight, too. */
  get everything(): readonly string[] {
    return this.#rowsFrom(0).map(({ text }) => text);
  }

  /** Rows that go on from the one above, because a line was longer than the terminal. */
  get folded(): readonly string[] {
    return this.#rowsFrom(0)
      .filter(({ isFolded }) => isFolded)
      .map(({ text }) => text);
  }

  /** True when a line that is too long goes on in the next row, as shells want it. */
  get isFolding(): boolean {
    return this.#terminal.modes.wraparoundMode;
  }

  #rowsFrom(first: number): readonly { readonly text: string; readonly isFolded: boolean }[] {
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length - first }, (_, n) => {
      const row = active.getLine(first + n);
      return { text: row?.translateToString(true).trimEnd() ?? "", isFolded: row?.isWrapped ?? false };
    });
    return rows.slice(0, rows.findLastIndex(({ text }) => text !== "") + 1);
  }
}
