import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { defer, map, type Observable, tap } from "rxjs";
import { environmentProxies } from "../../adapters/http/environmentProxies.js";
import { hashes } from "../../adapters/node/hashes.js";
import { openFile } from "../../adapters/node/openFile.js";
import { ProvenFile } from "../../adapters/node/ProvenFile.js";
import { sha256 } from "../../adapters/node/sha256.js";
import { isPrivate } from "../../adapters/network/isPrivate.js";
import { wayOut } from "../../adapters/node/wayOut.js";
import type { DownloadEvent, DownloadEventOf, DownloadEventWith } from "../../download/DownloadEvent.js";
import { oneAtATime } from "../../download/oneAtATime.js";
import { addressText } from "../../protocol/Address.js";
import { assemble } from "../assemble.js";
import type { Target } from "../Assembly.js";
import { checkSecrets } from "../checkSecrets.js";
import { Discarding } from "../Discarding.js";
import { checkSelect } from "../checkSelect.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { Finding } from "../../discovery/Finding.js";
import { parseSources, type Source, type Sources } from "../../discovery/parseSources.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { metalinkReading } from "../../tools/metalinkFiles.js";
import { readMetalinkSource } from "../../tools/readMetalinkSource.js";
import type { ReadTextSourceConfig } from "../../tools/readTextSource.js";
import { configOf } from "./configOf.js";
import { removeBegun } from "./removeBegun.js";
import { type Means, ownMeans } from "./Means.js";
import { SwarmRun } from "./SwarmRun.js";
import { TargetPlace } from "./TargetPlace.js";
import { withLeft } from "./withLeft.js";
import { checksumOf, type FileWish, RequestedFile } from "./RequestedFile.js";

/** The events of a file; `path` is where it is, and where it will be while it grows beside that. */
export type FileEvent =
  | Exclude<DownloadEventWith<{ readonly path: string }>, { readonly type: "download-started" }>
  | (DownloadEventOf<"download-started"> & { readonly path?: string });

/**
 * Downloads one file from WebSocket peers and HTTP mirrors to disk, and resumes what an earlier run left.
 *
 * `sources` are `ws://host:port/ROOT` links, `http(s)` addresses that are mirrors of one file, a `.meta4` by its path or URL (`select` says which of several
 * files), one file of `metalinkFiles`, or a root (64 hex digits) with `ws://host:port` places. Bytes grow in `<out>.part`, progress in `<out>.part.json`; when
 * everything is verified the file gets its name.
 *
 * Knowledge of peers helps later downloads of this user: it is kept in the state folder (see the option `catalogue`). Trouble
 * with that is a `notice`, never a failure.
 *
 * Nothing happens before it is subscribed. Ends with exactly one of `download-completed`, `download-paused` (when `pauseWhen` emitted; then everything is
 * saved; or `discardWhen`, and then what was here of it is removed) and `download-failed`, which is followed by the `DownloadError`. A bare unsubscribe closes
 * all sockets at once and saves behind; subscribing again waits for that save and resumes, or ends with what went wrong in it. One subscription at a time,
 * another one ends with `LOCKED`: share it.
 *
 * @throws TypeError or RangeError at the call, for a source, an option or a proxy in the environment that cannot be.
 */
export function downloadFile(
  sources: Source | readonly Source[],
  options: DownloadFileOptions = {},
): Observable<FileEvent> {
  return downloadBy(ownMeans(), sources, options);
}

/**
 * Download as `downloadFile` makes it, by means that other downloads may share. Sources that are a stranger's (`isForeign`) lead to the public network alone.
 */
export function downloadBy(
  means: Means,
  sources: Source | readonly Source[],
  options: DownloadFileOptions,
  isForeign = false,
): Observable<FileEvent> {
  const config = configOf(options);
  const { out, dir, overwrite = false, tokens, headers, checksum, limitRate, peers, ca, discardWhen } = options;
  const { catalogue = true, select, maxMetalinkBytes, discovery: findsMore = true } = options;
  const access = { tokens, headers, ca };
  const parsed = parseSources([sources].flat());
  checkAgainstSources(parsed, options);
  const http = { connect: means.connect(ca), tokens: tokens ?? {}, headers: headers ?? {} };
  const reading = { ...metalinkReading({ ...access, maxMetalinkBytes }), http, isForeign };
  const wish: FileWish = {
    sources: parsed,
    select,
    checksum: checksum === undefined ? undefined : checksumOf(addressText(checksum)),
    place: { ...(out !== undefined && { out }), ...(dir !== undefined && { dir }) },
    reading,
  };

  return defer(() => {
    const backpressure = means.backpressure(limitRate);
    const file = new RequestedFile(wish);
    const swarm = new SwarmRun({ options, root: parsed.root, place: wish.place, paused: backpressure.paused });
    const discard = new Discarding(discardWhen);
    const folders = means.folders();
    const lockOf = (path: string) => means.lock(path);
    const place = new TargetPlace({ out, dir, overwrite, folders, backpressure, share: swarm.share, lockOf });
    return assemble({
      request: (discovery, metalink) =>
        file.request(discovery, metalink).pipe(tap((request) => swarm.requested(request))),
      followsMetalinks: true,
      finding: findsMore ? (discovery) => findingBy(reading, discovery) : undefined,
      more: peers,
      ...swarm.ways,
      http: { ...http, paused: backpressure.paused },
      onReceived: (bytes) => backpressure.came(bytes),
      online: wayOut,
      digest: sha256,
      crc32,
      hashes,
      config: { ...config, pauseWhen: discard.orWhen(config.pauseWhen) },
      catalogue: means.catalogue(catalogue),
      failing: (error) => withLeft(error, file.left()),
      target: (known, doubts, discovery) => {
        const suggested = file.pathOf(known);
        swarm.share?.know(known.facts);
        const opening = place.open(suggested, known, { doubts, discovery });
        return opening.pipe(
          tap((target) => hasPart(target) && discard.begun(removeBegun(place.path, means.lock(place.path)))),
        );
      },
      leave: () => {
        place.leave();
        swarm.leave();
      },
    }).pipe(
      swarm.told(),
      discard.asWished(),
      tap(({ type }) => type === "download-completed" && swarm.completed(() => fileAt(place.path))),
      map((event) => placed(event, place.path)),
    );
  }).pipe(oneAtATime<FileEvent>());
}

/** Bytes of a file that is whole. */
const fileAt = (path: string): ProvenFile =>
  new ProvenFile(
    basename(path),
    defer(() => openFile(path)),
  );

const hasPart = (target: Target): boolean => "sink" in target || target.hasPart === true;

/** The event with the path of the file, where it tells of that. */
function placed(event: DownloadEvent, path: string): FileEvent {
  return event.type === "download-started" || event.type === "download-completed" ? { ...event, path } : event;
}

/** Trouble with what is found is nobody's to hear. */
function findingBy(reading: ReadTextSourceConfig, discovery: Discovery): Omit<Finding, "found"> {
  const quietly = { ...discovery, emit: () => undefined };
  return {
    isPrivate,
    hashes: (type) => hashes(type) !== undefined,
    read: ({ url, publicOnly }) =>
      readMetalinkSource(url, { ...reading, http: { ...reading.http, publicOnly } }, quietly),
  };
}

function checkAgainstSources(sources: Sources, options: DownloadFileOptions): void {
  const { root, metalink, places, mirrors } = sources;
  checkSelect(sources, options.select);
  const isAlone = places.length === 0 && options.peers === undefined && options.findPeers === undefined;
  if (metalink === undefined && root !== undefined && isAlone) {
    const text = `nobody is named who has the manifest of ${root}; give at least one ws://host:port, or have peers found (tributary get --dht, --lan)`;
    throw new TypeError(text);
  }
  if (mirrors.length > 0) environmentProxies(process.env);
  checkSecrets(sources, options);
}
