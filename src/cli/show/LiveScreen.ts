import { stripVTControlCharacters } from "node:util";
import type { WriteStream } from "node:tty";
import { columnsOf } from "./columnsOf.js";

const [leastColumns, usualRows] = [20, 24];

/*
 * Every write leaves the terminal as it was found, so that nothing has to be put right when the command is killed or stopped: the cursor is hidden and lines
 * are cut at the edge in one write alone, which terminals that know mode 2026 show at once.
 */
const [begin, end] = ["\u001B[?2026h\u001B[?25l\u001B[?7l", "\u001B[?7h\u001B[?25h\u001B[?2026l"];
const [eraseRest, eraseBelow] = ["\u001B[K", "\u001B[J"];

/**
 * The last lines of a terminal, drawn anew as often as is wished, below lines that stay. The cursor stands in the row below them; a frame begins by going up to
 * its first row, and rewrites the lines that have changed.
 *
 * A terminal that becomes narrower folds the lines that are longer, so that the way up is longer by as many rows. One that was not told yet of its new width
 * draws rows that are cut, never folded: the way stays what it was.
 */
export class LiveScreen {
  readonly #stream: WriteStream;
  #drawn: readonly string[] = [];
  #sizeThen = "";
  #columnsThen = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Columns of a line: one less than there are, because a full line makes some terminals wrap. */
  get columns(): number {
    return Math.max(leastColumns, this.#stream.columns - 1);
  }

  /** Lines that can be drawn: one less than there are, because the cursor stands below. */
  get rows(): number {
    return Math.max(1, (this.#stream.rows || usualRows) - 1);
  }

  /** Draws the lines in the place of those before. Lines that are to stay, however many, are written above them. */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const size = `${this.columns} ${this.rows}`;
    const isWhole = above.length > 0 || size !== this.#sizeThen;
    if (!isWhole && isSame(lines, this.#drawn)) return;
    const text = isWhole ? [...above, ...lines].map(row).join("") + eraseBelow : this.#changes(lines);
    this.#stream.write(`${begin}\r${up(this.#rowsDrawn())}${text}${end}`);
    this.#drawn = lines;
    this.#sizeThen = size;
    this.#columnsThen = this.#stream.columns;
  }

  /** Lets go of the terminal: what was drawn stays there, and the next frame begins where the cursor stands then. */
  leave(): void {
    this.#drawn = [];
  }

  /** Only what has changed: the other rows are gone over. What was typed at the cursor is wiped off. */
  #changes(lines: readonly string[]): string {
    const rows = lines.map((line, n) => (line === this.#drawn[n] ? "\n" : `${line}${eraseRest}\n`));
    return rows.join("") + eraseBelow;
  }

  #rowsDrawn(): number {
    const { columns } = this.#stream;
    // What went over the edge was cut off.
    const widths = this.#drawn.map((line) => Math.min(widthOf(line), this.#columnsThen));
    return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
  }
}

/** A line over what stands there. Terminals may keep in their history what is erased from the first row on (tmux 3.3a), so that is never done. */
const row = (line: string): string => `${line}${eraseRest}\n`;

function up(rows: number): string {
  return rows === 0 ? "" : `\u001B[${rows}A`;
}

function isSame(lines: readonly string[], others: readonly string[]): boolean {
  return lines.length === others.length && lines.every((line, n) => line === others[n]);
}

function widthOf(line: string): number {
  return columnsOf(stripVTControlCharacters(line));
}
