import { type Observable, repeat, type SchedulerLike, tap, timer } from "rxjs";
import type { OpenTable, Taken } from "./openTable.js";

const everyMs = 10 * 60_000;
/** The wait after an announcement that no node took. */
const soonMs = 30_000;

/** Lists a port of this machine in the table under a key, and again every ten minutes, because the table forgets. Emits each time what became of it. */
export function keepListed(
  { announce }: Pick<OpenTable, "announce">,
  key: Uint8Array,
  port: number,
  scheduler: SchedulerLike,
): Observable<Taken> {
  let taken = 0;
  return announce(key, port).pipe(
    tap(({ nodes }) => (taken = nodes)),
    repeat({ delay: () => timer(taken > 0 ? everyMs : soonMs, scheduler) }),
  );
}
