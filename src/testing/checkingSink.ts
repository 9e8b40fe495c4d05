import { defer, EMPTY, ignoreElements, of, throwError } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { GrainMap } from "./GrainMap.js";
import { grainBytes } from "./samplingDigest.js";
import type { SyntheticFile } from "./syntheticFile.js";

/** A sink that keeps no bytes. */
export interface CheckingSink extends ChunkSink {
  /** How many chunks have the right bytes, all of them. */
  rightChunks(): number;
}

/**
 * Compares what is written with the file, and remembers which of it is right: a few bytes for each chunk that is begun, one for
 * each that is right. Bytes that were written wrong read back flipped. Synchronous, so it fits virtual time.
 */
export function checkingSink(file: SyntheticFile): CheckingSink {
  const { size } = file.manifest;
  const grains = new GrainMap(file.manifest);
  let end = 0;
  let changes = 0;
  let opened = false;

  const whenOpen = <T>(work: () => T) =>
    defer(() => (opened ? of(work()) : throwError(() => refusal("it is not open"))));

  return {
    open: (wanted) =>
      defer(() => {
        if (opened) return throwError(() => refusal("it is in use already"));
        if (wanted !== size) return throwError(() => refusal(`it is for ${size} bytes, got ${wanted}`));
        opened = true;
        return of(end === 0 ? { size: 0 } : { size: end, stamp: `${changes}` });
      }),
    write: (offset, bytes) =>
      whenOpen(() => {
        if (offset < 0 || offset + bytes.length > size) {
          throw refusal(`it has room for ${size} bytes, got ${bytes.length} for offset ${offset}`);
        }
        if (bytes.length === 0) return;
        grains.mark(offset, bytes.length, file.isRight(offset, bytes));
        end = Math.max(end, offset + bytes.length);
        changes++;
      }).pipe(ignoreElements()),
    read: (offset, length) =>
      whenOpen(() => {
        const bytes = file.bytes(offset, Math.max(0, Math.min(length, end - offset))).slice();
        for (let at = 0; at < bytes.length; at += grainBytes) {
          if (grains.isRight(offset + at)) continue;
          const grain = bytes.subarray(at, at + grainBytes);
          grain.set(file.flipped(offset + at, grain.length));
        }
        return bytes;
      }),
    sync: () => whenOpen(() => `${changes}`),
    finish: () =>
      whenOpen(() => {
        if (end < size) throw refusal(`it has ${end} bytes, expected ${size}: it is not whole`);
        opened = false;
      }).pipe(ignoreElements()),
    close: () =>
      defer(() => {
        opened = false;
        return EMPTY;
      }),
    rightChunks: () => grains.wholeCount,
  };
}

function refusal(reason: string): DownloadError {
  return new DownloadError("LOCAL_IO", `checking sink: ${reason}`);
}
