import { map, type Observable, repeat, type SchedulerLike, timer } from "rxjs";
import type { OpenTable } from "./openTable.js";

const everyMs = 10 * 60_000;
/** The wait after an announcement that no node took. */
const soonMs = 30_000;

/** Lists a port of this machine in the table under a key, and again every ten minutes, because the table forgets. Emits each time how many nodes took it. */
export function keepListed(
  { announce }: Pick<OpenTable, "announce">,
  key: Uint8Array,
  port: number,
  scheduler: SchedulerLike,
): Observable<number> {
  let taken = 0;
  return announce(key, port).pipe(
    map((nodes) => (taken = nodes)),
    repeat({ delay: () => timer(taken > 0 ? everyMs : soonMs, scheduler) }),
  );
}
