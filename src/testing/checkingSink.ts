import { ignoreElements } from "rxjs";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { SinkUse } from "../storage/SinkUse.js";
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
  const use = new SinkUse("checking sink");
  let end = 0;
  let changes = 0;

  return {
    open: (wanted) =>
      use.open(wanted, () => {
        if (wanted !== size) throw use.refusal(`it is for ${size} bytes, got ${wanted}`);
        return end === 0 ? { size: 0 } : { size: end, stamp: `${changes}` };
      }),
    write: (offset, bytes) =>
      use
        .whenOpen(() => {
          use.writes(offset, bytes.length);
          if (bytes.length === 0) return;
          grains.mark(offset, bytes.length, file.isRight(offset, bytes));
          end = Math.max(end, offset + bytes.length);
          changes++;
        })
        .pipe(ignoreElements()),
    read: (offset, length) =>
      use.whenOpen(() => {
        const bytes = file.bytes(offset, Math.max(0, Math.min(length, end - offset))).slice();
        for (let at = 0; at < bytes.length; at += grainBytes) {
          if (grains.isRight(offset + at)) continue;
          const grain = bytes.subarray(at, at + grainBytes);
          grain.set(file.flipped(offset + at, grain.length));
        }
        return bytes;
      }),
    sync: () => use.whenOpen(() => `${changes}`),
    finish: () =>
      use
        .whenOpen(() => {
          use.whole(end);
          use.end();
        })
        .pipe(ignoreElements()),
    close: () => use.close(),
    rightChunks: () => grains.wholeCount,
  };
}
