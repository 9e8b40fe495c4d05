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
import { formatBytes } from "../command.js";
import { serveWhile, type ServeWhileOptions, type SharedFiles } from "../node.js";
import { say } from "./say.js";
import { describeServing } from "./show/describeServing.js";

interface Seeding {
  readonly shared: SharedFiles;
  readonly seeding: ServeWhileOptions;
  readonly interrupted: Observable<unknown>;
  readonly quiet: boolean;
}

/** Runs downloads, and serves what they have until that is over. An interrupt pauses the downloads, which end then, and the serving ends with them, or at once after them. */
export async function seedWhile(
  downloads: () => Promise<void>,
  { shared, seeding, interrupted, quiet }: Seeding,
): Promise<void> {
  const tell = quiet ? () => undefined : say;
  const areOver = new Subject<void>();
  const announced = new Set<string>();
  const describe = describeServing();
  let served = 0;
  const over = defer(() => {
    areOver.next();
    const goesOn = areOver.observed;
    if (goesOn && shared.size > 0) tell(`seeding ${untilWhen(seeding)}`);
    return EMPTY;
  });
  const events = serveWhile(concat(defer(downloads).pipe(ignoreElements()), over), shared, seeding).pipe(
    takeUntil(combineLatest([interrupted, areOver])),
    tap((event) => {
      if (event.type === "listening") tell(`serving what is here at ${event.url}${reachOf(seeding)}`);
      if (event.type === "announced" && !announced.has(event.by + event.root) && event.nodes !== 0) {
        announced.add(event.by + event.root);
        tell(describe(event));
      }
      if (event.type === "chunk-served") served += event.bytes;
    }),
  );
  await lastValueFrom(events, { defaultValue: undefined });
  tell(`served ${formatBytes(served)}`);
}

/** A server on the usual address serves nobody out there, which is easily overlooked. */
function reachOf({ host }: ServeWhileOptions): string {
  return host === undefined ? ", which only this machine reaches; --seed-host 0.0.0.0 serves others, too" : "";
}

function untilWhen({ ratio, minutes }: ServeWhileOptions): string {
  const limits = [
    ...(ratio === undefined ? [] : [`${ratio} times the size is served`]),
    ...(minutes === undefined ? [] : [`${minutes} minutes are over`]),
  ];
  return limits.length === 0 ? "until Ctrl-C" : `until ${limits.join(" or ")}`;
}
