import { defer, EMPTY, ignoreElements, of, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ChunkSink } from "../../storage/ChunkSink.js";

/** A sink whose bytes can be looked at. */
export interface MemorySink extends ChunkSink {
  /** The bytes stored so far, up to the last one written; a view. */
  bytes(): Uint8Array;
  /** Tells whether `finish` has succeeded. */
  finished(): boolean;
}

/** Keeps a file's bytes in memory, for tests and for pages that want a blob. Synchronous, so it fits virtual time. */
export function memorySink(): MemorySink {
  let stored = new Uint8Array(0);
  let end = 0;
  let last = 0;
  let changes = 0;
  let existed = false;
  let opened: number | undefined;
  let finished = false;

  const stamp = () => `${end}-${changes}`;
  /** Does the work with the size it was opened for. */
  const whenOpen = <T>(work: (size: number) => T) =>
    defer(() => (opened === undefined ? throwError(() => refusal("it is not open")) : of(work(opened))));

  return {
    open: (size) =>
      defer(() => {
        if (opened !== undefined) return throwError(() => refusal("it is in use already"));
        const found = existed ? { size: end, stamp: stamp() } : { size: 0 };
        if (size !== Infinity && stored.length < size) stored = grown(stored, size);
        existed = true;
        last = 0;
        opened = size;
        return of(found);
      }),
    write: (offset, bytes) =>
      whenOpen((size) => {
        if (offset < 0 || offset + bytes.length > size) {
          throw refusal(`it has room for ${size} bytes, got ${bytes.length} for offset ${offset}`);
        }
        last = offset + bytes.length;
        if (stored.length < last) stored = grown(stored, Math.max(last, 2 * stored.length));
        stored.set(bytes, offset);
        if (bytes.length > 0) end = Math.max(end, offset + bytes.length);
        changes += 1;
      }).pipe(ignoreElements()),
    read: (offset, length) => whenOpen(() => stored.slice(offset, Math.min(end, offset + length))),
    sync: () => whenOpen(stamp),
    finish: () =>
      whenOpen((size) => {
        const wanted = size === Infinity ? last : size;
        if (end < wanted) throw refusal(`it has ${end} bytes, expected ${wanted}: it is not whole`);
        end = wanted;
        finished = true;
        opened = undefined;
      }).pipe(ignoreElements()),
    close: () =>
      defer(() => {
        opened = undefined;
        return EMPTY;
      }),
    bytes: () => stored.subarray(0, end),
    finished: () => finished,
  };
}

function refusal(reason: string): DownloadError {
  return new DownloadError("LOCAL_IO", `memory sink: ${reason}`);
}

function grown(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
