/* The part of a page's code that serves what it downloads. */
import { filter, firstValueFrom, map, type Observable, ReplaySubject, scan, type Subscription } from "rxjs";
import {
  downloadToBlob,
  downloadToOpfs,
  type BlobEvent,
  type OpfsEvent,
  type PageServeOptions,
  type SeederEvent,
  SharedFiles,
  serveWhile,
} from "../../../src/browser.js";

type Happened = BlobEvent | OpfsEvent | SeederEvent;

export interface Begun extends PageServeOptions {
  readonly sources: readonly string[];
  readonly place: "blob" | "opfs";
  /** Name of a file on the browser's disk into which it is copied, as into one that the user chose. */
  readonly toNamed?: string;
}

const runs: { readonly happened: Observable<Happened>; readonly running: Subscription }[] = [];

/** Begins a download that is served; answers its number. */
async function begin({ sources, place, toNamed, ...limits }: Begun): Promise<number> {
  const shared = new SharedFiles();
  const options = { shared, rtc: true };
  const root = await navigator.storage.getDirectory();
  const to = toNamed === undefined ? undefined : await root.getFileHandle(toNamed, { create: true });
  const download: Observable<BlobEvent | OpfsEvent> =
    place === "blob" ? downloadToBlob(sources, options) : downloadToOpfs(sources, { ...options, to });
  const happened = new ReplaySubject<Happened>(Infinity);
  const running = serveWhile(download, shared, limits).subscribe(happened);
  happened.subscribe({ error: () => undefined });
  return runs.push({ happened, running }) - 1;
}

function of(run: number): Observable<Happened> {
  const { happened } = runs[run] ?? {};
  if (happened === undefined) throw new RangeError(`there is no run ${run}`);
  return happened;
}

/** The end of a download, as far as it can be handed out of the page; what came of whom, by kind. */
async function ended(run: number) {
  const last = await firstValueFrom(of(run).pipe(filter(isLast)));
  if (last.type === "download-failed") return { type: last.type, message: last.message };
  if (last.type === "download-paused") return { type: last.type };
  const { blob, account } = last;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const byChannel = Object.entries(account.bytesByPeer).reduce(
    (sum, [peer, bytes]) => (peer.startsWith("rtc:") ? sum + bytes : sum),
    0,
  );
  return { type: last.type, size: blob.size, sha256, byChannel, waste: account.waste };
}

type Last = Extract<
  BlobEvent | OpfsEvent,
  { readonly type: "download-completed" | "download-failed" | "download-paused" }
>;

function isLast(event: Happened): event is Last {
  return ["download-completed", "download-failed", "download-paused"].includes(event.type);
}

/** Resolves when so many bytes were served. */
async function served(run: number, bytes: number): Promise<void> {
  const sums = of(run).pipe(
    map((event) => (event.type === "chunk-served" ? event.bytes : 0)),
    scan((sum, each) => sum + each, 0),
  );
  await firstValueFrom(sums.pipe(filter((sum) => sum >= bytes)));
}

/** Resolves with an event whose text has these words. */
async function told(run: number, ...words: readonly string[]): Promise<string> {
  const texts = of(run).pipe(map((event) => JSON.stringify(event)));
  return firstValueFrom(texts.pipe(filter((text) => words.every((word) => text.includes(word)))));
}

/** Resolves when the serving has ended. */
function over(run: number): Promise<void> {
  return new Promise((resolve, reject) => {
    of(run).subscribe({ complete: resolve, error: reject });
  });
}

/** Writes another file in the place of one on the browser's disk. */
async function change(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const stream = await (await root.getFileHandle(name)).createWritable();
  await stream.write(new Uint8Array(4 * 1024 * 1024));
  await stream.close();
}

const stop = (run: number): void => runs[run]?.running.unsubscribe();

export const sharing = { begin, ended, served, told, over, change, stop };
