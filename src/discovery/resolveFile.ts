import { combineLatest, concatMap, defer, map, type Observable, of, tap } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Digest } from "../manifest/Digest.js";
import type { FileFacts, Validators } from "../manifest/Manifest.js";
import { usableFileName } from "../manifest/usableFileName.js";
import { plainFile } from "../manifest/plainFile.js";
import type { Peer, PeerSource } from "../peers/Peer.js";
import { isMetalinkType } from "../protocol/isMetalinkType.js";
import { strongETag } from "../protocol/MirrorFacts.js";
import { httpDateMs } from "../protocol/retryAfterMs.js";
import { admitLateMirrors } from "./admitLateMirrors.js";
import type { Discovery } from "./Discovery.js";
import { fetchManifest, type ManifestPeer } from "./fetchManifest.js";
import type { FileRequest } from "./FileRequest.js";
import type { Finding } from "./Finding.js";
import { agreeingOnDigest, findMore, type Found } from "./findMore.js";
import type { AnsweredMirror, Mirror, MirrorAnswer } from "./Mirror.js";
import type { MirrorFile } from "./MirrorFile.js";
import { lastPart } from "./lastPart.js";
import { mirrorPeers } from "./mirrorPeers.js";
import { sampledByAny, sampledHead } from "./samples.js";
import { stillHas } from "./stillHas.js";
import { surveyMirrors } from "./surveyMirrors.js";

/** Peers and mirrors that could be asked. */
export interface Swarm {
  readonly sockets: Observable<readonly (Peer & ManifestPeer)[]>;
  readonly mirrors: Observable<readonly Mirror[]>;
  /** Whether a lone address that turns out to be a Metalink is told as one. @default it is a file like any other */
  readonly followsMetalinks?: boolean;
  /** How sources are used that answers tell of. @default not at all */
  readonly finding?: Finding | undefined;
}

/** The file and its peers, as they have to be known before a byte is asked for. */
export interface KnownFile {
  readonly facts: FileFacts;
  /** Whether a peer chose the name in the facts, and nobody can tell what for. @default false */
  readonly namedByPeer?: boolean;
  readonly peers: PeerSource;
  /** Where nothing but the mirrors says what the file is. */
  readonly mirrorFile?: MirrorFile;
  /** The mirror of a file whose size nobody tells; the one in the facts means nothing then. */
  readonly unsized?: Pick<Mirror, "id" | "whole">;
  /** The address that was asked for, where its answer is of the type of a Metalink and such are followed: then the file is only that document. */
  readonly metalink?: string;
}

/**
 * Finds out what the file is: from its manifest, which was given or is asked of the WebSocket peers, or from what its mirrors agree on.
 * Emits once; errors as `fetchManifest` and `surveyMirrors` do.
 */
export function resolveFile(
  request: FileRequest,
  swarm: Swarm,
  sha256: Sha256,
  discovery: Discovery,
): Observable<KnownFile> {
  return defer(() => {
    const { root, manifest, pieces, places, mirrors } = request;
    const byMirrorsOnly = root === undefined && pieces === undefined;
    if (byMirrorsOnly) discovery.emit({ type: "resolving", question: "mirror", peers: mirrors.length });
    else if (manifest === undefined && pieces === undefined)
      discovery.emit({ type: "resolving", question: "manifest", peers: places.length });
    return byMirrorsOnly ? byMirrors(request, swarm, sha256, discovery) : byManifest(request, swarm, sha256, discovery);
  });
}

function byManifest(
  { manifest, pieces, name, mirrors: urls, ...request }: FileRequest,
  { sockets, mirrors }: Swarm,
  sha256: Sha256,
  discovery: Discovery,
): Observable<KnownFile> {
  const given = manifest ?? pieces;
  const known: Observable<FileFacts> =
    given === undefined ? fetchManifest(sockets, sha256, discovery, request.isNamed ?? name !== undefined) : of(given);
  return known.pipe(
    map((found) => {
      const { size } = found;
      const whole = wholeIn(request, [name, found.name, ...urls.map(lastPart)]);
      const expecting = mirrors.pipe(tap((all) => all.forEach((mirror) => mirror.expect({ size }))));
      const facts = { ...found, name: name ?? found.name, ...(whole && { whole }) };
      const asPeers = mirrorPeers(expecting, { answered: [], size, clock: discovery.clock });
      const peers = combineLatest([sockets, asPeers]).pipe(map((both) => both.flat()));
      return { facts, peers, namedByPeer: given === undefined && name === undefined };
    }),
  );
}

function byMirrors(
  request: FileRequest,
  { mirrors, followsMetalinks = false, finding }: Swarm,
  sha256: Sha256,
  discovery: Discovery,
): Observable<KnownFile> {
  const refused = new Set<Mirror>();
  const postponed = new Map<Mirror, DownloadError>();
  const survey = {
    size: request.size,
    isBegun: request.isBegun,
    isOneFile: request.name !== undefined,
    refuse: (mirror: Mirror, { code, message }: DownloadError) => {
      refused.add(mirror);
      discovery.emit({ type: "mirror-refused", peer: mirror.id, code, message });
    },
    postpone: (mirror: Mirror, error: DownloadError) => {
      postponed.set(mirror, error);
      discovery.emit({ type: "mirror-postponed", peer: mirror.id, code: error.code, message: error.message });
    },
  };
  const known = (answered: readonly AnsweredMirror[]): Observable<KnownFile> => {
    const told = request.size ?? answered[0]?.said.size;
    const found = finding === undefined ? of<Found>({}) : findMore(answered, { finding, size: told }, discovery);
    return found.pipe(
      map((more) => {
        const [first] = answered;
        const size = told ?? 0;
        const names = [request.name, first?.said.name, ...request.mirrors.map(lastPart)];
        const whole = wholeIn(request, names) ?? more.whole;
        const named = { name: request.name ?? nameOf(first, request) ?? "download", ...(whole && { whole }) };
        const versions = answered.map(({ mirror, said }) => [said.place ?? mirror.id, validatorsOf(said)]);
        const facts = plainFile(
          { ...named, size, mirrors: Object.fromEntries(versions) as Record<string, Validators> },
          sha256,
        );
        if (first !== undefined && told === undefined) return { facts, peers: of([]), unsized: wholeOf(first) };
        const admitted = admitLateMirrors(mirrors, { answered, size, refused, postponed }, survey, discovery);
        const peers = mirrorPeers(admitted, { answered, size, clock: discovery.clock });
        // Where digests tell what is right, nobody has to look into the file.
        if (more.pieces !== undefined) return { facts: { ...facts, ...more.pieces, digestsFound: true }, peers };
        return { facts, peers, mirrorFile: fileOf(answered, discovery) };
      }),
    );
  };
  return surveyMirrors(mirrors, survey, discovery).pipe(
    map((answered) => agreeingOnDigest(answered, survey.refuse)),
    concatMap((answered) => {
      const [first] = answered;
      const [metalink, ...others] = request.mirrors;
      const isLone = metalink !== undefined && others.length === 0 && request.name === undefined;
      if (!followsMetalinks || !isLone || !isMetalinkType(first?.said.type)) return known(answered);
      first?.stream?.close();
      return of({ facts: plainFile({ name: "", size: 0 }, sha256), peers: of([]), metalink });
    }),
  );
}

function wholeIn({ whole }: Pick<FileRequest, "whole">, names: readonly (string | undefined)[]): Digest | undefined {
  return typeof whole === "function" ? whole([...new Set(names.filter((name) => name !== undefined))]) : whole;
}

/** The name that a mirror suggests; one that the user typed as the end of its address is made usable. */
function nameOf(answered: AnsweredMirror | undefined, { mirrors }: FileRequest): string | undefined {
  const name = answered?.said.name;
  return name !== undefined && mirrors.some((mirror) => lastPart(mirror) === name) ? usableFileName(name) : name;
}

/** The whole file of a mirror: the answer that is open first, if that is one of the whole, and a new one each time after. */
function wholeOf({ mirror, stream, said }: AnsweredMirror): Pick<Mirror, "id" | "whole"> {
  const isPart = said.end !== undefined;
  const whole = () => {
    if (stream === undefined || isPart || !stream.standsAt(0)) {
      stream?.close();
      return mirror.whole();
    }
    return stream.read(0, Infinity);
  };
  return { id: mirror.id, whole: () => defer(whole) };
}

/** A weak ETag says nothing of another run's bytes. */
function validatorsOf({ etag: said, lastModified, ranges, type }: MirrorAnswer): Validators {
  const etag = strongETag(said);
  return {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(ranges && { ranges }),
    ...(type !== undefined && { type }),
  };
}

function fileOf(answered: readonly AnsweredMirror[], discovery: Discovery): MirrorFile {
  const modifiedAt = answered.map(({ said }) => httpDateMs(said.lastModified)).find((at) => at !== undefined);
  const coding = answered.find(({ said }) => said.coding !== undefined)?.said.coding;
  const ranged = answered.flatMap(({ mirror, said }) => (said.ranges ? [mirror] : []));
  return {
    ...(modifiedAt !== undefined && { modifiedAt }),
    ...(coding !== undefined && { coding }),
    sample: (ranges) => {
      // The server may let us have no more than one connection.
      for (const { stream } of answered) stream?.close();
      return sampledByAny(ranged, ranges, discovery) ?? sampledHead(answered[0]?.mirror, ranges, discovery);
    },
    stillHas: stillHas(
      answered.map(({ mirror }) => mirror),
      discovery,
    ),
  };
}
