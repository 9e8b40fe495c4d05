import {
  combineLatest,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  lastValueFrom,
  type Observable,
  Subject,
  takeUntil,
  tap,
} from "rxjs";
import { formatDuration } from "../command.js";
import { serveWhile, type ServeWhileOptions, type SharedFiles } from "../node.js";
import { say } from "./say.js";
import { describeServing } from "./show/describeServing.js";
import { Served } from "./show/Served.js";

interface Seeding {
  readonly shared: SharedFiles;
  readonly seeding: ServeWhileOptions;
  readonly interrupted: Observable<unknown>;
  readonly quiet: boolean;
  /** The path of a file that is shared, by its root, as far as it is known. */
  readonly pathOf: (root: string) => string | undefined;
}

/**
 * Runs downloads, and serves what they have until that is over. An interrupt pauses the downloads, which end then, and the serving ends with them, or at once
 * after them.
 */
export async function seedWhile(
  downloads: () => Promise<void>,
  { shared, seeding, interrupted, quiet, pathOf }: Seeding,
): Promise<void> {
  const tell = quiet ? () => undefined : say;
  const areOver = new Subject<void>();
  const describe = describeServing(pathOf);
  const served = new Served();
  const over = defer(() => {
    areOver.next();
    const goesOn = areOver.observed;
    if (goesOn && shared.size > 0) tell(`seeding ${untilWhen(seeding)}`);
    return EMPTY;
  });
  const events = serveWhile(concat(defer(downloads).pipe(ignoreElements()), over), shared, seeding).pipe(
    takeUntil(combineLatest([interrupted, areOver])),
    tap((event) => {
      served.take(event);
      if (event.type === "listening") tell(`serving what is here at ${event.urls.join(", ")}${reachOf(seeding)}`);
      const announced = event.type === "announced" ? describe(event) : undefined;
      if (announced !== undefined) tell(announced);
    }),
  );
  await lastValueFrom(events, { defaultValue: undefined });
  tell(served.text);
}

/** A server on the usual address serves nobody out there, which is easily overlooked. */
function reachOf({ host }: ServeWhileOptions): string {
  return host === undefined ? ", which only this machine reaches; --seed-host 0.0.0.0 serves others, too" : "";
}

/** Words for when the serving ends. */
export function untilWhen({ ratio, minutes }: ServeWhileOptions): string {
  const limits = [
    ...(ratio === undefined ? [] : [`${ratio} x the size is served`]),
    ...(minutes === undefined ? [] : [`${formatDuration(minutes * 60_000)} have passed`]),
  ];
  if (limits.length === 0) return "until Ctrl-C";
  const mayNeverEnd = minutes === undefined ? ", however long that takes; --seed-minutes sets an end to it" : "";
  return `until ${limits.join(" or ")}${mayNeverEnd}`;
}
