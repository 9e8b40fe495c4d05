import type { Writable } from "node:stream";
import { printable } from "../../command.js";

/** Characters that may wait for a reader. */
const mostWaiting = 8 * 1024 * 1024;

/** Lines to a stream, whoever chose their words. `false` means that too much waits, and that the line was dropped. */
export interface LineWriter {
  /** For people: one line of bounded length, without anything that a terminal would obey. */
  write(line: string): boolean;
  /** For programs: one value a line, in which all that a terminal would obey is written as its number. */
  writeJson(value: unknown): boolean;
}

/**
 * The one way for words to the terminal, on stdout and on stderr. The stream's reader may be slow or gone: neither holds up the caller nor grows memory.
 * Errors of the stream are for its maker to tell.
 */
export function lineWriter(stream: Writable): LineWriter {
  const write = (line: string): boolean => {
    if (stream.writableLength > mostWaiting) return false;
    if (!stream.destroyed) stream.write(`${line}\n`);
    return true;
  };
  return { write: (line) => write(printable(line)), writeJson: (value) => write(inertJson(value)) };
}

/** JSON escapes control characters by itself, but not those above 126, which terminals obey as well, nor those that turn the direction of writing. */
function inertJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\p{Zl}\p{Zp}\p{Cf}]/gu, (character) =>
    character.split("").map(escaped).join(""),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
