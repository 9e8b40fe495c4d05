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
import type { WebSocketPeerOptions } from "../adapters/websocket/PeerOptions.js";
import type { WebSocketPeer } from "../adapters/websocket/WebSocketPeer.js";
import { webSocketPeers } from "../adapters/websocket/webSocketPeers.js";
import { download } from "../download/download.js";
import type { DownloadConfig, DownloadParts } from "../download/DownloadConfig.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import { resolveRetryConfig } from "../download/RetryConfig.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { Catalogue } from "../storage/Catalogue.js";
import { failedBeforeStart, pausedBeforeStart } from "./beforeStart.js";
import { countFailure } from "./countFailure.js";
import { fetchManifest } from "./fetchManifest.js";
import { parsePlace } from "./parseSources.js";

/** Which file is meant, and who is known to have it. */
export interface Wanted {
  readonly root: string;
  /** Each as `ws://host:port`. */
  readonly places: readonly string[];
  /** Absent when the peers have to be asked for it. */
  readonly manifest?: Manifest;
}

/** Where the bytes go; or the events that end it all, because nothing is left to do. */
export type Target =
  Pick<DownloadParts, "manifest" | "sink" | "progress"> | { readonly events: readonly DownloadEvent[] };

/** What one run of a download over WebSocket is made of. */
export interface Assembly {
  readonly wanted: Observable<Wanted>;
  /** More places, or links of the same file, that come and go. */
  readonly more: Observable<readonly string[]> | undefined;
  readonly sockets: WebSocketPeerOptions;
  /** Whether this machine has a way out. */
  readonly online: Observable<boolean>;
  readonly digest: Sha256;
  readonly config: DownloadConfig;
  /** What downloads learn of peers, and where it is left. */
  readonly catalogue?: Catalogue | undefined;
  readonly target: (manifest: Manifest) => Observable<Target>;
  /** Called once, when the run is over or was left. */
  readonly leave: () => void;
}

/**
 * Runs the whole way: find out what is wanted, get the manifest, prepare the target, download. What happens before the download
 * begins ends like one: with `download-paused` when `pauseWhen` emits, with `download-failed` and the error when it fails.
 */
export function assemble({
  wanted,
  more,
  sockets,
  online,
  digest,
  config,
  catalogue,
  target,
  leave,
}: Assembly): Observable<DownloadEvent> {
  return defer(() => {
    const now = () => asyncScheduler.now();
    const notices = new Subject<DownloadEvent>();
    const hangUp = new Subject<void>();
    const paused = new ReplaySubject<unknown>(1);
    const pausing = (config.pauseWhen ?? NEVER).pipe(take(1)).subscribe(paused);

    const onTrouble = (message: string): void => notices.next({ type: "notice", at: now(), message });
    const manifestConfig = { sha256: digest, retry: resolveRetryConfig(config.retry), onTrouble };

    const held = sockets.hold === undefined ? {} : { held: sockets.hold };
    const afterAll = (ready: Target, peers: Observable<readonly WebSocketPeer[]>): Observable<DownloadEvent> =>
      "events" in ready
        ? from(ready.events)
        : download(
            { ...ready, peers, digest, online, ...held, ...(catalogue && { catalogue }) },
            { ...config, pauseWhen: paused },
          );

    const throughPeers = (known: Manifest | undefined, peers: Observable<readonly WebSocketPeer[]>) => {
      const manifest =
        known === undefined
          ? fetchManifest(peers, manifestConfig).pipe(countFailure(catalogue, { now, onTrouble }))
          : of(known);
      return merge(manifest.pipe(switchMap(target)), paused.pipe(map(() => "paused" as const))).pipe(
        take(1),
        map((ready) => (ready === "paused" ? of(pausedBeforeStart(now())) : afterAll(ready, peers))),
        endInEvent(now),
        switchMap((events) => events),
      );
    };

    const events = wanted.pipe(
      map((file) =>
        webSocketPeers(linksOf(file, more), { ...sockets, closeWhen: hangUp }).pipe(
          connect((peers) => throughPeers(file.manifest, peers), { connector: () => new ReplaySubject(1) }),
        ),
      ),
      endInEvent(now),
      switchMap((run) => run),
    );
    return merge(notices, events.pipe(finalize(() => notices.complete()))).pipe(
      finalize(() => {
        pausing.unsubscribe();
        leave();
        hangUp.next();
      }),
    );
  });
}

/** A failure before the download began is told by an event, too. What was emitted tells of its own failures. */
function endInEvent(now: () => number) {
  return (runs: Observable<Observable<DownloadEvent>>): Observable<Observable<DownloadEvent>> =>
    runs.pipe(
      catchError((thrown: unknown) => {
        const error = toDownloadError(thrown);
        const failure = throwError(() => error);
        return of(concat(of(failedBeforeStart(error, now())), failure));
      }),
    );
}

function linksOf({ root, places }: Wanted, more: Assembly["more"]): Observable<readonly string[]> {
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
