/* The part of a page's code that downloads onto the browser's disk. */
import {
  EMPTY,
  filter,
  firstValueFrom,
  type Observable,
  ReplaySubject,
  skip,
  Subject,
  type Subscription,
  tap,
} from "rxjs";
import { downloadToOpfs, type DownloadToOpfsOptions, type OpfsEvent } from "../../../src/browser.js";

type Plain = Omit<DownloadToOpfsOptions, "to" | "discardWhen">;
type Sources = Parameters<typeof downloadToOpfs>[0];

interface Run {
  readonly events: OpfsEvent[];
  readonly told: Observable<OpfsEvent>;
  readonly subscription: Subscription;
  readonly discard: Subject<void>;
  readonly over: Promise<void>;
}

const runs: Run[] = [];

/** Begins a download; answers its number. `toNamed` is a file into which it is copied. */
async function begin(sources: Sources, options: Plain = {}, toNamed?: string): Promise<number> {
  const root = await navigator.storage.getDirectory();
  const to = toNamed === undefined ? undefined : await root.getFileHandle(toNamed, { create: true });
  const events: OpfsEvent[] = [];
  const told = new ReplaySubject<OpfsEvent>(Infinity);
  const discard = new Subject<void>();
  let subscription: Subscription | undefined;
  const over = new Promise<void>((resolve) => {
    const download = downloadToOpfs(sources, { ...options, to, discardWhen: discard }).pipe(
      tap((event) => events.push(event)),
      tap((event) => told.next(event)),
    );
    subscription = download.subscribe({ error: () => resolve(), complete: resolve });
  });
  return runs.push({ events, told, subscription: subscription as Subscription, discard, over }) - 1;
}

/** As `begin`, of a Metalink that the user has chosen. */
const beginChosen = (text: string, options: Plain = {}): Promise<number> =>
  begin(new File([text], "chosen.meta4"), options);

/** The last event of a run that has ended, as far as it can be handed out of the page. */
async function ended(run: number) {
  await runs[run]?.over;
  const last = runs[run]?.events.at(-1);
  if (last?.type === "download-failed") return { type: last.type, code: last.code, message: last.message };
  if (last?.type === "download-paused") return { type: last.type, removed: last.removed };
  if (last?.type !== "download-completed") return { type: last?.type };
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await last.blob.arrayBuffer()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { type: last.type, name: last.name, size: last.blob.size, sha256, integrity: last.account.integrity };
}

/** Resolves when there are so many events of a type. */
async function until(run: number, type: OpfsEvent["type"], count = 1): Promise<void> {
  const told = runs[run]?.told ?? EMPTY;
  await firstValueFrom(
    told.pipe(
      filter((event) => event.type === type),
      skip(count - 1),
    ),
  );
}

const discard = (run: number): void => runs[run]?.discard.next();
const leave = (run: number): void => runs[run]?.subscription.unsubscribe();
const count = (run: number, of: OpfsEvent["type"]) => runs[run]?.events.filter(({ type }) => type === of).length;
const started = (run: number) => runs[run]?.events.find(({ type }) => type === "download-started");

/** The names of the files that the origin has. */
async function names(): Promise<readonly string[]> {
  const root = await navigator.storage.getDirectory();
  const all: string[] = [];
  for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) all.push(name);
  return all.sort();
}

export const onDisk = { begin, beginChosen, ended, until, leave, discard, count, started, names };
