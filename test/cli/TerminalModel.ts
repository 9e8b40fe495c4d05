const escape = String.fromCharCode(27);
/** Control sequence, and one whose end has not come yet. */
const [sequence, begun] = [`${escape}\\[[?\\d;]*[A-Za-z]`, `${escape}(?:\\[[?\\d;]*)?$`];

/** Row of a terminal; `folded` where the line goes on in the row below. */
interface Row {
  cells: string[];
  folded: boolean;
}

/** What one reads on a terminal that is written to and resized, as those of today fold and unfold their lines then. Knows what log-update and Tributary write. */
export class TerminalModel {
  #columns: number;
  #rows: number;
  #all: Row[] = [{ cells: [], folded: false }];
  #row = 0;
  #column = 0;
  #unread = "";

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** Rows that are seen, without blanks at their ends and blank ones at the end. */
  get screen(): readonly string[] {
    return this.#text(this.#all.slice(this.#top));
  }

  /** All rows, those that have gone up out of sight, too. */
  get everything(): readonly string[] {
    return this.#text(this.#all);
  }

  resize(columns: number, rows: number): void {
    const cursor = this.#all[this.#row];
    const [lines, widths]: [Row[][], number] = [[], this.#columns];
    for (const row of this.#all) {
      const last = lines.at(-1);
      if (last?.at(-1)?.folded === true) last.push(row);
      else lines.push([row]);
    }
    this.#columns = columns;
    this.#rows = rows;
    this.#all = [];
    for (const line of lines) {
      const cells = line.flatMap((row) => row.cells);
      const first = this.#all.length;
      for (let from = 0; from === 0 || from < cells.length; from += columns)
        this.#all.push({ cells: cells.slice(from, from + columns), folded: from + columns < cells.length });
      const at = cursor === undefined ? -1 : line.indexOf(cursor);
      if (at < 0) continue;
      const place = at * widths + this.#column;
      this.#row = Math.min(this.#all.length - 1, first + Math.floor(place / columns));
      this.#column = place % columns;
    }
  }

  write(text: string): void {
    const parts = (this.#unread + text).matchAll(new RegExp(`${sequence}|${begun}|[^]`, "gu"));
    this.#unread = "";
    for (const [part] of parts) {
      if (new RegExp(`^${begun}`).test(part)) this.#unread = part;
      else if (part.startsWith(`${escape}[`)) this.#obey(part);
      else this.#put(part);
    }
  }

  get #top(): number {
    return Math.max(0, this.#all.length - this.#rows);
  }

  #text(rows: readonly Row[]): readonly string[] {
    const lines = rows.map(({ cells }) => cells.join("").trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    if (character === "\n") this.#down(1);
    if (character === "\r" || character === "\n") return;
    if (this.#column >= this.#columns) {
      this.#here().folded = true;
      this.#down(1);
      this.#column = 0;
    }
    const { cells } = this.#here();
    while (cells.length < this.#column) cells.push(" ");
    cells[this.#column++] = character;
  }

  #down(rows: number): void {
    this.#row += rows;
    while (this.#all.length <= this.#row) this.#all.push({ cells: [], folded: false });
  }

  #here(): Row {
    const row = this.#all[this.#row];
    if (row === undefined) throw new Error(`the cursor is in row ${this.#row} of ${this.#all.length}`);
    return row;
  }

  #obey(order: string): void {
    const count = Number(/\d+/.exec(order)?.[0] ?? 1);
    switch (order.at(-1)) {
      case "A":
        this.#row = Math.max(this.#top, this.#row - count);
        return;
      case "B":
        this.#row = Math.min(this.#all.length - 1, this.#row + count);
        return;
      case "G":
        this.#column = count - 1;
        return;
      case "K":
        this.#here().cells.length = order === `${escape}[2K` ? 0 : Math.min(this.#here().cells.length, this.#column);
        this.#here().folded = false;
        return;
      case "m":
      case "h":
      case "l":
        return;
      default:
        throw new Error(`the terminal of the tests does not know ${JSON.stringify(order)}`);
    }
  }
}
