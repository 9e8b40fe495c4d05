import { type ChunkRange, withChunk, withoutChunk } from "./ChunkRange.js";
import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import type { DownloadState, OpenChunk } from "./DownloadState.js";
import { foldEvent, type Folds } from "./foldEvent.js";

/** The part of the state that tells the chunks apart. */
export type Chunks = Pick<DownloadState, "chunks" | "complete" | "open" | "givenUp">;

/** Chunks that are under way, done and given up after one more event. */
export function reduceChunks({ chunks, complete, open, givenUp }: Chunks, event: DownloadEvent): Chunks {
  return foldEvent(folds, { chunks, complete, open, givenUp }, event);
}

const folds: Folds<Chunks> = {
  "download-started": (_, { manifest: { chunkCount: total }, resumedChunks, resumedRanges }) => {
    const done = Math.min(resumedChunks, total);
    const whole: readonly [number, number][] = done > 0 && done === total ? [[0, total]] : [];
    const complete = resumedRanges?.map(([first, count]): ChunkRange => [first, first + count]) ?? whole;
    return counted({ total, done }, { complete, open: {}, givenUp: [] });
  },
  "attempt-started": (before, { chunk, attempt, leg, peer }) => {
    const known = before.open[chunk];
    // A new attempt begins after every leg of the one before has ended.
    const legs = known?.attempt === attempt ? known.legs.filter((each) => each.leg !== leg) : [];
    const begun = { attempt, legs: [...legs, { leg, peer }], retrying: false };
    return counted(before.chunks, {
      // A complete chunk that is asked for again was wrong.
      complete: withoutChunk(before.complete, chunk),
      open: { ...before.open, [chunk]: begun },
      givenUp: without(before.givenUp, chunk),
    });
  },
  "attempt-failed": withoutLeg,
  "attempt-cancelled": withoutLeg,
  "retry-scheduled": ({ chunks, open, ...rest }, { chunk, retry }) => {
    const before: OpenChunk = open[chunk] ?? { attempt: retry - 1, legs: [], retrying: true };
    return counted(chunks, { ...rest, open: { ...open, [chunk]: { ...before, retrying: true } } });
  },
  "chunk-verified": oneMore,
  "chunk-stored": oneMore,
  "chunk-failed": ({ chunks, complete, open, givenUp }, { chunk }) =>
    counted(chunks, { complete, open: closed(open, chunk), givenUp: [...without(givenUp, chunk), chunk] }),
  "download-completed": ({ chunks: { total } }) =>
    counted({ total, done: total }, { complete: total > 0 ? [[0, total]] : [], open: {}, givenUp: [] }),
  "download-paused": ({ chunks, complete, givenUp }) => counted(chunks, { complete, open: {}, givenUp }),
  "download-failed": ({ chunks, complete }, { failedChunks }) =>
    counted(chunks, { complete, open: {}, givenUp: failedChunks }),
};

function oneMore(
  { chunks, complete, open, givenUp }: Chunks,
  { chunk }: DownloadEventOf<"chunk-verified" | "chunk-stored">,
): Chunks {
  const done = Math.min(chunks.done + 1, chunks.total);
  return counted(
    { ...chunks, done },
    { complete: withChunk(complete, chunk), open: closed(open, chunk), givenUp: without(givenUp, chunk) },
  );
}

function withoutLeg(
  state: Chunks,
  { chunk, leg, peer }: DownloadEventOf<"attempt-failed" | "attempt-cancelled">,
): Chunks {
  const { chunks, open, ...rest } = state;
  const before = open[chunk];
  if (!before) return state;
  const legs = before.legs.filter((each) => each.leg !== leg || each.peer !== peer);
  return counted(chunks, { ...rest, open: { ...open, [chunk]: { ...before, legs } } });
}

function counted(
  { total, done }: Pick<Chunks["chunks"], "total" | "done">,
  { complete, open, givenUp }: Omit<Chunks, "chunks">,
): Chunks {
  let [active, retrying] = [0, 0];
  for (const chunk of Object.values(open)) {
    if (chunk.legs.length > 0) active += 1;
    if (chunk.retrying) retrying += 1;
  }
  return { chunks: { total, done, active, retrying, failed: givenUp.length }, complete, open, givenUp };
}

function closed(open: Chunks["open"], chunk: number): Chunks["open"] {
  const { [chunk]: _, ...others } = open;
  return others;
}

function without(list: readonly number[], item: number): readonly number[] {
  return list.includes(item) ? list.filter((each) => each !== item) : list;
}
