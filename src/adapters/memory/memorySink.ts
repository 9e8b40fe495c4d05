import { ignoreElements } from "rxjs";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { SinkUse } from "../../storage/SinkUse.js";

/** A sink whose bytes can be looked at. */
export interface MemorySink extends ChunkSink {
  /** The bytes stored so far, up to the last one written; a view. */
  bytes(): Uint8Array;
  /** Tells whether `finish` has succeeded. */
  finished(): boolean;
}

/** Keeps a file's bytes in memory, for tests and for pages that want a blob. Synchronous, so it fits virtual time. */
export function memorySink(): MemorySink {
  const use = new SinkUse("memory sink");
  let stored = new Uint8Array(0);
  let end = 0;
  let changes = 0;
  let existed = false;
  let finished = false;

  const stamp = () => `${end}-${changes}`;

  return {
    open: (size) =>
      use.open(size, () => {
        const found = existed ? { size: end, stamp: stamp() } : { size: 0 };
        if (size !== Infinity && stored.length < size) stored = grown(stored, size);
        existed = true;
        return found;
      }),
    write: (offset, bytes) =>
      use
        .whenOpen(() => {
          use.writes(offset, bytes.length);
          const last = offset + bytes.length;
          if (stored.length < last) stored = grown(stored, Math.max(last, 2 * stored.length));
          stored.set(bytes, offset);
          if (bytes.length > 0) end = Math.max(end, last);
          changes += 1;
        })
        .pipe(ignoreElements()),
    read: (offset, length) => use.whenOpen(() => stored.slice(offset, Math.min(end, offset + length))),
    sync: () => use.whenOpen(stamp),
    finish: () =>
      use
        .whenOpen(() => {
          end = use.whole(end);
          finished = true;
          use.end();
        })
        .pipe(ignoreElements()),
    close: () => use.close(),
    bytes: () => stored.subarray(0, end),
    finished: () => finished,
  };
}

function grown(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
