import { basename } from "node:path";
import type { WriteStream } from "node:tty";
import { formatBytes } from "../../command.js";
import { fitMiddle } from "./fit.js";
import { LiveScreen } from "./LiveScreen.js";

/** Shortest time between two drawings, and before the first, ms. */
const everyMs = 250;

/** Where and when a line is drawn. */
export interface HashingLineParts {
  /** @default stderr */
  readonly stream?: WriteStream;
  /** @default that of the process */
  readonly now?: () => number;
}

/** A line on the terminal with the progress of a hash, as long as that takes; nothing where there is no terminal, or where nobody wants it. */
export function hashingLine(
  path: string,
  isQuiet = false,
  { stream = process.stderr, now = () => performance.now() }: HashingLineParts = {},
): { readonly tell: (bytes: number, size: number) => void; readonly end: () => void } {
  const canDraw = stream.isTTY && stream.columns > 0 && process.env["TERM"] !== "dumb";
  if (isQuiet || !canDraw) return { tell: () => undefined, end: () => undefined };
  const screen = new LiveScreen(stream);
  let last = now();
  const tell = (bytes: number, size: number): void => {
    if (now() - last < everyMs) return;
    last = now();
    const figures = `${Math.floor((bytes * 100) / Math.max(1, size))} % of ${formatBytes(size)} hashed`;
    const room = screen.columns - figures.length - 2;
    screen.draw([room < 8 ? figures : `${fitMiddle(basename(path), room)}  ${figures}`]);
  };
  return { tell, end: () => screen.draw([]) };
}
