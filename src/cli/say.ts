import { printable } from "../index.js";

/** One line for people, on stderr. */
export function say(text: string): void {
  process.stderr.write(`tributary: ${printable(text)}\n`);
}
