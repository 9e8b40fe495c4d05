import { combineLatest, concat, distinct, map, NEVER, type Observable, of, scan, startWith, takeWhile } from "rxjs";
import type { Mirror } from "./Mirror.js";

/** Mirrors that are asked before anybody knows how large the file is: enough for a majority, should one of them not answer. */
const atFirst = 4;
/** Bytes of a file that are worth one more mirror. */
const bytesOfMirror = 1024 * 1024;
/** Mirrors that stand by for those that turn out slow. */
const spare = 2;

export interface CrowdConfig {
  /** Bytes of the file, when they are known. */
  readonly size: Observable<number>;
  /** Requests that the download makes at a time. */
  readonly mostRequests: number;
  /** Mirrors that failed, turned out to have another file, or bring little: each makes room for another one. */
  readonly spent: Observable<Mirror>;
  /** Emits when those that are asked have answered and no side has a majority: more are asked then, twice as many each time. @default never */
  readonly undecided?: Observable<unknown>;
}

/**
 * The mirrors that are asked, as many of several as help, in the order given; the others are a reserve. A mirror that is among them stays. Emits the list again
 * when it changes, and when the mirrors do. Completes when the mirrors have, and there is no reserve.
 */
export function crowd(
  mirrors: Observable<readonly Mirror[]>,
  { size, spent, mostRequests, undecided = NEVER }: CrowdConfig,
): Observable<readonly Mirror[]> {
  const helpful = size.pipe(
    map((bytes) => spare + Math.min(mostRequests, Math.max(1, Math.floor(bytes / bytesOfMirror)))),
    startWith(atFirst),
  );
  const voters = undecided.pipe(
    scan((more) => 2 * more + 1, 0),
    startWith(0),
  );
  const most = combineLatest([helpful, voters]).pipe(map(([some, more]) => some + more));
  const gone = spent.pipe(
    distinct(),
    scan((all, mirror) => new Set(all).add(mirror), new Set<Mirror>()),
    startWith(new Set<Mirror>()),
  );
  const lists = concat(mirrors.pipe(map((all) => ({ all }))), of({ isLast: true })).pipe(
    scan((list, news) => ({ ...list, ...news }), { all: [] as readonly Mirror[], isLast: false }),
  );
  return combineLatest([lists, most, gone]).pipe(
    scan(({ asked }, [{ all, isLast }, most, gone]) => callUp(asked, all, { most, gone, isLast }), {
      asked: [] as readonly Mirror[],
      isAll: false,
    }),
    takeWhile(({ isAll }) => !isAll, true),
    map(({ asked }) => asked),
  );
}

function callUp(
  before: readonly Mirror[],
  all: readonly Mirror[],
  { most, gone, isLast }: { readonly most: number; readonly gone: ReadonlySet<Mirror>; readonly isLast: boolean },
) {
  const stay = all.filter((mirror) => before.includes(mirror));
  const room = most - stay.filter((mirror) => !gone.has(mirror)).length;
  const reserve = all.filter((mirror) => !before.includes(mirror));
  const asked = [...stay, ...reserve.slice(0, Math.max(0, room))];
  return { asked, isAll: isLast && asked.length === all.length };
}
