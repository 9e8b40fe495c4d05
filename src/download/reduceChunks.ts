import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import type { DownloadState, OpenChunk } from "./DownloadState.js";
import { foldEvent, type Folds } from "./foldEvent.js";

/** The part of the state that tells the chunks apart. */
export type Chunks = Pick<DownloadState, "chunks" | "open" | "givenUp">;

/** Chunks that are under way, done and given up after one more event. */
export function reduceChunks({ chunks, open, givenUp }: Chunks, event: DownloadEvent): Chunks {
  return foldEvent(folds, { chunks, open, givenUp }, event);
}

const folds: Folds<Chunks> = {
  "download-started": (_, { manifest: { chunkCount: total }, resumedChunks }) =>
    counted({ total, done: Math.min(resumedChunks, total) }, {}, []),
  "attempt-started": ({ chunks, open, givenUp }, { chunk, attempt, leg, peer }) => {
    const before = open[chunk];
    // A new attempt begins after every leg of the one before has ended.
    const legs = before?.attempt === attempt ? before.legs.filter((each) => each.leg !== leg) : [];
    const begun = { attempt, legs: [...legs, { leg, peer }], retrying: false };
    return counted(chunks, { ...open, [chunk]: begun }, without(givenUp, chunk));
  },
  "attempt-failed": withoutLeg,
  "attempt-cancelled": withoutLeg,
  "retry-scheduled": ({ chunks, open, givenUp }, { chunk, retry }) => {
    const before: OpenChunk = open[chunk] ?? { attempt: retry - 1, legs: [], retrying: true };
    return counted(chunks, { ...open, [chunk]: { ...before, retrying: true } }, givenUp);
  },
  "chunk-verified": oneMore,
  "chunk-stored": oneMore,
  "chunk-failed": ({ chunks, open, givenUp }, { chunk }) =>
    counted(chunks, closed(open, chunk), [...without(givenUp, chunk), chunk]),
  "download-completed": ({ chunks: { total } }) => counted({ total, done: total }, {}, []),
  "download-paused": ({ chunks, givenUp }) => counted(chunks, {}, givenUp),
  "download-failed": ({ chunks }, { failedChunks }) => counted(chunks, {}, failedChunks),
};

function oneMore(
  { chunks, open, givenUp }: Chunks,
  { chunk }: DownloadEventOf<"chunk-verified" | "chunk-stored">,
): Chunks {
  const done = Math.min(chunks.done + 1, chunks.total);
  return counted({ ...chunks, done }, closed(open, chunk), without(givenUp, chunk));
}

function withoutLeg(
  { chunks, open, givenUp }: Chunks,
  { chunk, leg, peer }: DownloadEventOf<"attempt-failed" | "attempt-cancelled">,
): Chunks {
  const before = open[chunk];
  if (!before) return { chunks, open, givenUp };
  const legs = before.legs.filter((each) => each.leg !== leg || each.peer !== peer);
  return counted(chunks, { ...open, [chunk]: { ...before, legs } }, givenUp);
}

function counted(
  { total, done }: Pick<Chunks["chunks"], "total" | "done">,
  open: Chunks["open"],
  givenUp: Chunks["givenUp"],
): Chunks {
  const begun = Object.values(open);
  const active = begun.filter(({ legs }) => legs.length > 0).length;
  const retrying = begun.filter((chunk) => chunk.retrying).length;
  return { chunks: { total, done, active, retrying, failed: givenUp.length }, open, givenUp };
}

function closed(open: Chunks["open"], chunk: number): Chunks["open"] {
  return Object.fromEntries(Object.entries(open).filter(([index]) => index !== String(chunk)));
}

function without(list: readonly number[], item: number): readonly number[] {
  return list.includes(item) ? list.filter((each) => each !== item) : list;
}
