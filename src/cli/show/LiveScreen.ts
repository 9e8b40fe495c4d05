import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import { stripVTControlCharacters } from "node:util";
import { columnsOf } from "./columnsOf.js";

const [leastColumns, usualRows] = [20, 24];
const eraseRowAbove = "\u001B[1A\u001B[2K";

/** The last lines of a terminal, drawn anew as often as is wished, below lines that stay. */
export class LiveScreen {
  readonly #stream: WriteStream;
  readonly #screen: ReturnType<typeof createLogUpdate>;
  #drawn: readonly string[] = [];
  #columnsThen: number;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.#screen = createLogUpdate(stream);
    this.#columnsThen = stream.columns;
  }

  /** Columns of a line: one less than there are, because a full line makes some terminals wrap. */
  get columns(): number {
    return Math.max(leastColumns, this.#stream.columns - 1);
  }

  /** Lines that can be drawn: one less than there are, because the cursor stands below. */
  get rows(): number {
    return Math.max(1, (this.#stream.rows || usualRows) - 1);
  }

  draw(lines: readonly string[]): void {
    this.#sweep();
    this.#screen(lines.join("\n"));
    this.#drawn = lines;
  }

  /** Writes lines that stay, in the place of what is drawn. Longer ones than the screen has rows are written in parts, so that none is lost. */
  keep(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#sweep();
    for (let from = 0; from < lines.length; from += this.rows)
      this.#screen.persist(lines.slice(from, from + this.rows).join("\n"));
    this.#drawn = [];
  }

  /** Leaves the terminal as it was found, but for the lines that stay. */
  end(): void {
    this.#screen.done();
  }

  /**
   * Takes away what was drawn for another width. A terminal that became narrower has folded the lines that were longer, so that they stand in more rows
   * than were written.
   */
  #sweep(): void {
    const { columns } = this.#stream;
    if (columns === this.#columnsThen) return;
    this.#columnsThen = columns;
    const folded = this.#drawn.reduce((sum, line) => sum + Math.max(0, Math.ceil(widthOf(line) / columns) - 1), 0);
    this.#screen.clear();
    this.#stream.write(eraseRowAbove.repeat(folded));
    this.#drawn = [];
  }
}

function widthOf(line: string): number {
  return columnsOf(stripVTControlCharacters(line));
}
