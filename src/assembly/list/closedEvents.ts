import { defer, map, type MonoTypeOperatorFunction } from "rxjs";
import type { FileOutcome, ListEvent, ListTotal } from "./ListEvent.js";

/**
 * Events of an open list, whose files are numbered from 1 and which forgets a file when it has ended, as a closed list would tell them: numbers from 0, totals
 * of all files there were, and at the end the last outcome of each.
 */
export function closedEvents(): MonoTypeOperatorFunction<ListEvent> {
  return (events) =>
    defer(() => {
      const outcomes = new Map<number, FileOutcome>();
      return events.pipe(
        map((event): ListEvent => {
          switch (event.type) {
            case "file-waiting": {
              outcomes.delete(event.file);
              return { ...event, ...fromZero(event) };
            }
            case "file-reading":
            case "file-event":
              return { ...event, file: event.file - 1 };
            case "file-ended":
              outcomes.set(event.outcome.file, event.outcome);
              return { ...event, outcome: { ...event.outcome, ...fromZero(event.outcome) } };
            case "total":
              return { ...event, total: withEnded(event.total, outcomes.values()) };
            case "list-ended": {
              const total = withEnded(event.total, outcomes.values());
              const inOrder = [...outcomes.values()].sort((a, b) => a.file - b.file);
              return { ...event, total, outcomes: inOrder.map((each) => ({ ...each, ...fromZero(each) })) };
            }
          }
        }),
      );
    });
}

function fromZero({ file, entry }: { readonly file: number; readonly entry?: number }) {
  return { file: file - 1, ...(entry !== undefined && { entry: entry - 1 }) };
}

/** Sums of those that are on the list, with those that have left it. */
function withEnded(total: ListTotal, ended: Iterable<FileOutcome>): ListTotal {
  let sum = total;
  for (const { status, account, size = 0 } of ended) {
    sum = {
      ...sum,
      bytesDone: sum.bytesDone + account.done,
      bytesKnown: sum.bytesKnown + size,
      filesDone: sum.filesDone + (status === "completed" ? 1 : 0),
      filesFailed: sum.filesFailed + (status === "failed" ? 1 : 0),
      filesStopped: sum.filesStopped + (status === "paused" || status === "cancelled" ? 1 : 0),
    };
  }
  return sum;
}
