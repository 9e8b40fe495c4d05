import { filter, type OperatorFunction } from "rxjs";

/**
 * Passes on the events of these types alone, and as such, so that their fields are known:
 *
 *     downloadFile(mirrors).pipe(ofType("download-completed"), map(({ path }) => path))
 */
export function ofType<Event extends { readonly type: string }, Type extends Event["type"]>(
  ...types: readonly Type[]
): OperatorFunction<Event, Event & { readonly type: Type }> {
  const wanted: ReadonlySet<string> = new Set(types);
  return filter((event): event is Event & { readonly type: Type } => wanted.has(event.type));
}
