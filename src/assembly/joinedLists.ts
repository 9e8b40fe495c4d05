import { combineLatest, map, type Observable, startWith } from "rxjs";

/** The latest of one list or several as one; what is no list passes as it is, for the one who refuses it. */
export function joinedLists<T>(first: Observable<readonly T[]>, ...more: Observable<readonly T[]>[]) {
  if (more.length === 0) return first;
  return combineLatest([first, ...more].map((each) => each.pipe(startWith<readonly T[]>([])))).pipe(
    map((all) => all.find((list) => !Array.isArray(list)) ?? all.flat()),
  );
}
