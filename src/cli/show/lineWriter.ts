import type { Writable } from "node:stream";

/** Characters that may wait for a reader. */
const mostWaiting = 8 * 1024 * 1024;

/**
 * Writes lines to a stream whose reader may be slow or gone: neither holds up the caller nor grows memory. While too much
 * waits, `write` drops the line and says false. Errors of the stream are for its maker to tell.
 */
export function lineWriter(stream: Writable): { write(line: string): boolean } {
  return {
    write: (line) => {
      if (stream.writableLength > mostWaiting) return false;
      if (!stream.destroyed) stream.write(`${line}\n`);
      return true;
    },
  };
}
