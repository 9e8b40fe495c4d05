import type { ObservableInput, OperatorFunction } from "rxjs";
import { concatMap, Observable } from "rxjs";
import { checkOptions, checkShape } from "./checkOptions.js";
import type { MergeLimit } from "./ChunkMerge.js";
import { ChunkMerge } from "./ChunkMerge.js";
import { aFunction, anObservable, anyNumber } from "./optionShapes.js";

const shapes = { concurrency: anyNumber, admit: anObservable("permissions") };

/**
 * Merges what `project` makes of the items of an iterable, and pulls the next item only when it may start: an iterator over a
 * million chunks, or over a plan that still changes, costs what is in flight. Iterables of the source follow one another.
 *
 *     concurrency 2   a and b start, c when the first of them is torn down
 *     project a       --1--2|
 *     project b       ---3-------4|
 *     project c            -5|
 *     result          --13-2-5---4|
 *
 *     admit           x----x-----x
 *     a               1--|
 *     b                    2--|
 *     result          1----2--|          nothing is left when b ends
 *
 * With `admit` each emission pulls once; it is unsubscribed as soon as the iterator has ended. While nothing runs, one item is
 * pulled ahead of its admission, so that the end needs none. The result completes when the iterator has ended and all that
 * started is complete. Errors, and tears the rest down, when an inner stream, `admit`, the iterator
 * or `project` does, and when `admit` completes before the iterator has ended. Unsubscribing stops all inner streams and calls the
 * iterator's `return`.
 */
export function mergeChunks<C, R>(
  project: (chunk: C) => ObservableInput<R>,
  limit: MergeLimit,
): OperatorFunction<Iterable<C>, R> {
  checkShape("project", project, aFunction);
  checkOptions("mergeChunks", limit, shapes);
  if ("admit" in limit && "concurrency" in limit)
    throw new TypeError("mergeChunks has a concurrency and admit; it must have one of them");
  if (!("admit" in limit)) checkShape("concurrency", limit.concurrency, anyNumber);
  if ("concurrency" in limit && !(limit.concurrency >= 1)) {
    throw new RangeError(`concurrency is ${limit.concurrency}, expected a number of at least 1`);
  }
  return concatMap(
    (chunks) =>
      new Observable<R>((result) => new ChunkMerge(chunks[Symbol.iterator](), project, limit, result).start()),
  );
}
