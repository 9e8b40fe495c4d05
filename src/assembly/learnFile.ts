import { combineLatest, map, type Observable, of, tap } from "rxjs";
import type { HttpPeer } from "../adapters/http/HttpPeer.js";
import type { HttpProbe } from "../adapters/http/HttpProbe.js";
import { strongETag } from "../adapters/http/MirrorFacts.js";
import type { WebSocketPeer } from "../adapters/websocket/WebSocketPeer.js";
import { formatDuration } from "../download/formatDuration.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { FileFacts, Validators } from "../manifest/Manifest.js";
import { plainFile } from "../manifest/plainFile.js";
import type { PeerSource } from "../peers/Peer.js";
import { httpDateMs } from "../protocol/retryAfterMs.js";
import { fetchManifest } from "./fetchManifest.js";
import type { Asking } from "./mirrors/askMirror.js";
import { joiningMirrors } from "./mirrors/joiningMirrors.js";
import type { MirrorFile } from "./mirrors/MirrorFile.js";
import { mirrorPeers } from "./mirrors/mirrorPeers.js";
import { sampledByAny } from "./mirrors/sampledByAny.js";
import { sampledHead } from "./mirrors/sampledHead.js";
import { stillHas } from "./mirrors/stillHas.js";
import { type Mirror, surveyMirrors } from "./mirrors/surveyMirrors.js";
import type { Wanted } from "./Wanted.js";

/** Who could be asked. */
export interface Swarm {
  readonly sockets: Observable<readonly WebSocketPeer[]>;
  readonly mirrors: Observable<readonly HttpPeer[]>;
}

/** What has to be known before a byte is asked for: the file, and who has it. */
export interface KnownFile {
  readonly facts: FileFacts;
  readonly peers: PeerSource;
  /** Where nothing but the mirrors says what the file is. */
  readonly mirrorFile?: MirrorFile;
  /** Who has it, when nobody tells its size; the one in the facts means nothing then. */
  readonly unsized?: HttpPeer;
}

export interface LearnConfig {
  readonly sha256: Sha256;
  readonly retry: RetryConfig;
  readonly onTrouble: (text: string) => void;
  /** Told of each mirror that is not asked again, and why. */
  readonly refuse: (peer: string, error: DownloadError) => void;
}

/**
 * Finds out what the file is: from its manifest, which was given or is asked of the WebSocket peers, or from what its mirrors agree on.
 * Emits once; errors as `fetchManifest` and `surveyMirrors` do.
 */
export function learnFile(wanted: Wanted, swarm: Swarm, config: LearnConfig): Observable<KnownFile> {
  return wanted.root === undefined ? byMirrors(wanted, swarm, config) : byManifest(wanted, swarm, config);
}

function byManifest(
  { manifest, sha256: whole }: Wanted,
  { sockets, mirrors }: Swarm,
  config: LearnConfig,
): Observable<KnownFile> {
  const known = manifest === undefined ? fetchManifest(sockets, config) : of(manifest);
  return known.pipe(
    map((found) => {
      const { size } = found;
      const expecting = mirrors.pipe(tap((all) => all.forEach((mirror) => mirror.expect({ size }))));
      const facts = { ...found, ...(whole && { sha256: whole }) };
      return { facts, peers: side(sockets, mirrorPeers(expecting)) };
    }),
  );
}

function byMirrors(
  wanted: Wanted,
  { mirrors }: Swarm,
  { retry, sha256, refuse, onTrouble }: LearnConfig,
): Observable<KnownFile> {
  const refused = new Set<HttpPeer>();
  const postponed = new Map<HttpPeer, DownloadError>();
  const asking: Asking = {
    retry,
    onAgain: ({ code, message }, waitMs) =>
      onTrouble(`${message} (${code}); it is asked again in ${formatDuration(waitMs)}`),
  };
  const survey = {
    ...asking,
    size: wanted.size,
    isOneFile: wanted.name !== undefined,
    refuse: (peer: HttpPeer, error: DownloadError) => {
      refused.add(peer);
      refuse(peer.id, error);
    },
    postpone: (peer: HttpPeer, error: DownloadError) => {
      postponed.set(peer, error);
      onTrouble(`${error.message} (${error.code}); it is asked again later`);
    },
  };
  return surveyMirrors(mirrors, survey).pipe(
    map((agreed) => {
      const [first] = agreed;
      const size = wanted.size ?? first?.said.size ?? 0;
      const named = {
        name: wanted.name ?? first?.said.name ?? "download",
        ...(wanted.sha256 && { sha256: wanted.sha256 }),
      };
      const said = Object.fromEntries(agreed.map(({ peer, said }) => [said.place ?? peer.id, validatorsOf(said)]));
      if (first !== undefined && wanted.size === undefined && first.said.size === undefined) {
        return { facts: plainFile({ ...named, size: 0, mirrors: said }, sha256), peers: of([]), unsized: first.peer };
      }
      const facts = plainFile({ ...named, size, mirrors: said }, sha256);
      const joining = joiningMirrors(mirrors, { mirrors: agreed, size, refused, postponed }, survey);
      return { facts, peers: mirrorPeers(joining), mirrorFile: fileOf(agreed, asking) };
    }),
  );
}

function side(sockets: Observable<readonly WebSocketPeer[]>, mirrors: PeerSource): PeerSource {
  return combineLatest([sockets, mirrors]).pipe(map((both) => both.flat()));
}

/** A weak ETag says nothing of another run's bytes. */
function validatorsOf({ etag: said, lastModified, ranges, type }: HttpProbe): Validators {
  const etag = strongETag(said);
  return {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(ranges && { ranges }),
    ...(type !== undefined && { type }),
  };
}

function fileOf(mirrors: readonly Mirror[], asking: Asking): MirrorFile {
  const modifiedAt = mirrors.map(({ said }) => httpDateMs(said.lastModified)).find((at) => at !== undefined);
  const ranged = mirrors.flatMap(({ peer, said }) => (said.ranges ? [peer] : []));
  return {
    ...(modifiedAt !== undefined && { modifiedAt }),
    sample: (ranges) => sampledByAny(ranged, ranges, asking) ?? sampledHead(mirrors[0]?.peer, ranges, asking),
    stillHas: stillHas(
      mirrors.map(({ peer }) => peer),
      asking,
    ),
  };
}
