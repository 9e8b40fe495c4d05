import { lineWriter } from "./show/lineWriter.js";

const lines = lineWriter(process.stderr);

/** One line for people, on stderr. */
export function say(text: string): void {
  lines.write(`tributary: ${text}`);
}
