import { readSgr, type Run } from "./readSgr.js";

const cell = { width: 8.4, height: 19 };
const margin = 16;
const colors = {
  text: "#e6edf3",
  red: "#ff7b72",
  green: "#56d364",
  yellow: "#e3b341",
  blue: "#79c0ff",
  cyan: "#56d4dd",
};
const font = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** A terminal of so many columns that shows these lines, with their colours, as SVG. Widths hold in any font: each run is given its own. */
export function drawTerminal(lines: readonly string[], columns: number): string {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = lines.length * cell.height + 2 * margin;
  const texts = lines.flatMap((line, row) =>
    readSgr(line)
      .flatMap(words)
      .map((run) => drawRun(run, row)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="${font}" font-size="14">
${texts.join("\n")}
</g>
</svg>
`;
}

/** The parts of a run between its gaps: blanks at the ends of a text are dropped by some programs, and two in a row are made one. */
function words(run: Run): readonly Run[] {
  const found = Array.from(run.text.matchAll(/\S+(?: \S+)*/g));
  return found.map(({ 0: text, index }) => ({ ...run, text, column: run.column + index }));
}

function drawRun({ text, column, color, isBold, isDim }: Run, row: number): string {
  const place = {
    x: round(margin + column * cell.width),
    y: round(margin + (row + 0.75) * cell.height),
    textLength: round(Array.from(text).length * cell.width),
    lengthAdjust: "spacingAndGlyphs",
    fill: colors[color ?? "text"],
    ...(isBold && { "font-weight": "bold" }),
    ...(isDim && { opacity: "0.6" }),
  };
  const attributes = Object.entries(place).map(([name, value]) => `${name}="${value}"`);
  return `<text ${attributes.join(" ")}>${escaped(text)}</text>`;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
