import { basename } from "node:path";
import {
  asyncScheduler,
  catchError,
  concat,
  connect,
  defer,
  finalize,
  from,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  startWith,
  Subject,
  switchMap,
  take,
  throwError,
} from "rxjs";
import { checkpointStore } from "../../adapters/node/checkpointStore.js";
import { FileSink } from "../../adapters/node/FileSink.js";
import { lockDownload } from "../../adapters/node/lock.js";
import { sha256 } from "../../adapters/node/sha256.js";
import { dialNode } from "../../adapters/websocket/dialNode.js";
import { findToken } from "../../adapters/websocket/findToken.js";
import { parsePeerLink } from "../../adapters/websocket/PeerLink.js";
import type { WebSocketPeer } from "../../adapters/websocket/WebSocketPeer.js";
import { webSocketPeers } from "../../adapters/websocket/webSocketPeers.js";
import { download } from "../../download/download.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { type DownloadConfig, resolveConfig } from "../../download/DownloadConfig.js";
import { resolveRetryConfig } from "../../download/RetryConfig.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { alreadyHere, failedBeforeStart, pausedBeforeStart } from "../beforeStart.js";
import { fetchManifest } from "../fetchManifest.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { HeldLock } from "./HeldLock.js";
import { Hold } from "./Hold.js";
import { meteredSink } from "./meteredSink.js";
import { parsePlace, parseSources } from "./parseSources.js";
import { prepareTarget, targetPath } from "./prepareTarget.js";
import { resolveSources, type Wanted } from "./resolveSources.js";

/** Everything is ready for `download()`. */
interface Prepared {
  readonly manifest: Manifest;
  readonly path: string;
  readonly lock: HeldLock;
  /** The target is there and is the file. */
  readonly done: boolean;
}

/**
 * Downloads one file from WebSocket peers to disk, and resumes what an earlier run left.
 *
 * `sources` are `ws://host:port/ROOT` links, the path of a `.meta4` file, or a root (64 hex digits) with `ws://host:port`
 * places. Bytes grow in `<out>.part`, progress in `<out>.part.json`; when everything is verified the file gets its name.
 *
 * Nothing happens before it is subscribed. Ends with exactly one of `download-completed`, `download-paused` (when
 * `pauseWhen` emitted; then everything is saved) and `download-failed`, which is followed by the `DownloadError`. A bare
 * unsubscribe closes all sockets at once and saves behind; subscribing again waits for that save and resumes.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be.
 */
export function downloadFile(
  sources: string | readonly string[],
  options: DownloadFileOptions = {},
): Observable<DownloadEvent> {
  const parsed = parseSources(typeof sources === "string" ? [sources] : sources);
  checkOptions(parsed.places, options);
  if (parsed.metalink === undefined && parsed.places.length === 0 && options.peers === undefined) {
    throw new TypeError(`nobody is named who has ${parsed.root ?? "the file"}; give at least one ws://host:port`);
  }
  const locks = new Map<string, HeldLock>();
  const lockOf = (path: string): HeldLock => {
    const lock = locks.get(path) ?? new HeldLock(lockDownload(`${path}.part`));
    locks.set(path, lock);
    return lock;
  };

  return defer(() => {
    const hold = new Hold(options.limitRate === undefined ? {} : { limitRate: options.limitRate });
    const notices = new Subject<DownloadEvent>();
    const hangUp = new Subject<void>();
    const paused = new ReplaySubject<unknown>(1);
    const pausing = (options.pauseWhen ?? NEVER).pipe(take(1)).subscribe(paused);
    let taken: HeldLock | undefined;

    const config = { ...configOf(options), pauseWhen: paused };

    const prepare = ({ manifest }: Wanted, peers: Observable<readonly WebSocketPeer[]>): Observable<Prepared> =>
      (manifest === undefined ? peers.pipe(askForManifest(notices, options)) : of(manifest)).pipe(
        switchMap((known) => {
          const path = targetPath(known, options);
          const lock = (taken = lockOf(path));
          const { overwrite = false } = options;
          return prepareTarget(path, known, { lock, overwrite }).pipe(
            map((done): Prepared => ({ manifest: known, path, lock, done })),
          );
        }),
      );

    const run = (prepared: Prepared, peers: Observable<readonly WebSocketPeer[]>): Observable<DownloadEvent> => {
      const { manifest, path, lock, done } = prepared;
      if (done) return from(alreadyHere(manifest, path, asyncScheduler.now()));
      const sink = lock.guard(meteredSink(new FileSink(path, { overwrite: options.overwrite ?? false }), hold));
      const progress = checkpointStore(`${path}.part.json`, manifest);
      const named = options.out === undefined ? manifest : { ...manifest, name: basename(path) };
      return download({ manifest: named, peers, sink, progress, digest: sha256 }, config);
    };

    const events = resolveSources(parsed).pipe(
      switchMap((wanted) =>
        webSocketPeers(linksOf(wanted, options.peers), {
          dial: dialNode(options.ca === undefined ? {} : { ca: options.ca }),
          tokens: options.tokens ?? {},
          hold: hold.held,
          closeWhen: hangUp,
        }).pipe(
          connect(
            (peers) =>
              merge(prepare(wanted, peers), paused.pipe(map(() => undefined))).pipe(
                take(1),
                failWithEvent(),
                switchMap((ready) => {
                  if (ready === undefined) return of(pausedBeforeStart(asyncScheduler.now()));
                  return "type" in ready ? of(ready) : run(ready, peers);
                }),
              ),
            { connector: () => new ReplaySubject(1) },
          ),
        ),
      ),
    );
    return merge(notices, events.pipe(finalize(() => notices.complete()))).pipe(
      finalize(() => {
        pausing.unsubscribe();
        taken?.leave();
        hangUp.next();
      }),
    );
  });
}

/** Puts the event that says so in front of the error. */
function failWithEvent<T>() {
  return (source: Observable<T>): Observable<T | DownloadEvent> =>
    source.pipe(
      catchError((thrown: unknown) => {
        const error = toDownloadError(thrown);
        return concat(
          of(failedBeforeStart(error, asyncScheduler.now())),
          throwError(() => error),
        );
      }),
    );
}

function askForManifest(notices: Subject<DownloadEvent>, { retry }: DownloadFileOptions) {
  return fetchManifest({
    sha256,
    retry: resolveRetryConfig(retry),
    onTrouble: (message) => notices.next({ type: "notice", at: asyncScheduler.now(), message }),
  });
}

function linksOf({ root, places }: Wanted, more: DownloadFileOptions["peers"]): Observable<readonly string[]> {
  const others = more === undefined ? of([]) : more.pipe(startWith<readonly string[]>([]));
  return others.pipe(
    map((added) => {
      const all = new Set([...places, ...added.map((text) => placeOf(text, root))]);
      return Array.from(all, (place) => `${place}/${root}`);
    }),
  );
}

function placeOf(text: string, wanted: string): string {
  const { place, root = wanted } = parsePlace(text);
  if (root === wanted) return place;
  throw new TypeError(`${JSON.stringify(text)} is a link to another file; expected ${wanted}`);
}

/** The part of the options that is `download`'s own. */
function configOf(options: DownloadFileOptions): DownloadConfig {
  const { out: _1, dir: _2, overwrite: _3, tokens: _4, limitRate: _5, peers: _6, ca: _7, ...config } = options;
  return config;
}

function checkOptions(places: readonly string[], options: DownloadFileOptions): void {
  const { limitRate, tokens = {} } = options;
  resolveConfig(configOf(options));
  if (limitRate !== undefined && !(limitRate > 0 && Number.isFinite(limitRate))) {
    throw new RangeError(`limitRate is ${limitRate}; it must be a number of bytes a second above 0`);
  }
  for (const place of places) findToken(tokens, parsePeerLink(`${place}/${"0".repeat(64)}`));
}
