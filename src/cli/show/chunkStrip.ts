import { rangeAt } from "../../command.js";
import type { DownloadState } from "../../index.js";
import { chunkMarks, type ChunkMark } from "./chunkMarks.js";
import type { Paint } from "./paint.js";

type Chunks = Pick<DownloadState, "chunks" | "complete" | "open" | "givenUp" | "done" | "verified">;

/** The chunks of a file in so many cells; of the chunks of one cell, those in trouble show before those under way, and these before the others. */
export function chunkStrip(state: Chunks, cells: number): readonly ChunkMark[] {
  const { total } = state.chunks;
  if (total === 0) return Array<ChunkMark>(cells).fill(doneMark(state));
  const marks = Array.from({ length: cells }, (_, cell) => {
    const first = Math.floor((cell * total) / cells);
    const end = Math.max(first + 1, Math.floor(((cell + 1) * total) / cells));
    return shareMark(state, doneIn(state.complete, first, end), end - first);
  });
  const mark = (chunk: number, as: ChunkMark): void => {
    const end = Math.ceil(((chunk + 1) * cells) / total);
    marks.fill(as, Math.min(end - 1, Math.ceil((chunk * cells) / total)), end);
  };
  const open = Object.entries(state.open);
  for (const [chunk, { legs }] of open) if (legs.length > 0) mark(Number(chunk), "active");
  for (const [chunk, { legs, retrying }] of open) if (retrying && legs.length === 0) mark(Number(chunk), "retrying");
  for (const chunk of state.givenUp) mark(chunk, "failed");
  return marks;
}

/** The marks as a line; those that follow on each other and look alike are painted at once. */
export function stripLine(marks: readonly ChunkMark[], paint: Paint): string {
  const runs: [ChunkMark, number][] = [];
  for (const mark of marks) {
    const last = runs.at(-1);
    if (last?.[0] === mark) last[1] += 1;
    else runs.push([mark, 1]);
  }
  return runs.map(([mark, length]) => paint(chunkMarks[mark].role, chunkMarks[mark].sign.repeat(length))).join("");
}

/** Chunks that are done are verified when a digest proves all that is here. */
export function doneMark({ done, verified }: Pick<Chunks, "done" | "verified">): "verified" | "here" {
  return verified >= done ? "verified" : "here";
}

function shareMark(state: Chunks, done: number, of: number): ChunkMark {
  if (done === of) return doneMark(state);
  return done > 0 ? "partly" : "none";
}

/** How many chunks from `first` to before `end` are in the runs. */
function doneIn(complete: Chunks["complete"], first: number, end: number): number {
  let done = 0;
  for (let at = rangeAt(complete, first); at < complete.length; at++) {
    const [from, to] = complete[at] ?? [end, end];
    if (from >= end) break;
    done += Math.min(to, end) - Math.max(from, first);
  }
  return done;
}
