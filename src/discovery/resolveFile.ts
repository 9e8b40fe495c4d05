import { combineLatest, defer, map, type Observable, of, tap } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import type { FileFacts, Manifest } from "../manifest/Manifest.js";
import type { Discovery } from "./Discovery.js";
import { fetchManifest, safelyNamed } from "./fetchManifest.js";
import type { FileRequest } from "./FileRequest.js";
import type { KnownFile } from "./KnownFile.js";
import { lastPart } from "./lastPart.js";
import { mirrorPeers } from "./mirrorPeers.js";
import { resolveByMirrors } from "./resolveByMirrors.js";
import type { Swarm } from "./Swarm.js";
import { wholeIn } from "./wholeIn.js";

/**
 * Finds out what the file is: from its manifest, which was given, is kept from an earlier run, or is asked of the WebSocket peers, or from what its mirrors
 * say. Emits once, and may go on asking mirrors then, until it is left; errors as `fetchManifest` and `surveyMirrors` do.
 */
export function resolveFile(
  request: FileRequest,
  swarm: Swarm,
  sha256: Sha256,
  discovery: Discovery,
): Observable<KnownFile> {
  return defer(() => {
    const { root, manifest, pieces, kept, places, mirrors } = request;
    const byMirrorsOnly = root === undefined && pieces === undefined;
    if (byMirrorsOnly) discovery.emit({ type: "resolving", question: "mirror", peers: mirrors.length });
    else if ((manifest ?? pieces ?? kept) === undefined)
      discovery.emit({ type: "resolving", question: "manifest", peers: places.length });
    return byMirrorsOnly
      ? resolveByMirrors(request, swarm, sha256, discovery)
      : byManifest(request, swarm, sha256, discovery);
  });
}

function byManifest(
  { manifest, pieces, kept, name, mirrors: urls, ...request }: FileRequest,
  { sockets, mirrors }: Swarm,
  sha256: Sha256,
  discovery: Discovery,
): Observable<KnownFile> {
  const given = manifest ?? pieces;
  const isNamed = request.isNamed === true || name !== undefined;
  const told = (): Observable<Manifest> =>
    kept === undefined ? fetchManifest(sockets, sha256, discovery, isNamed) : of(safelyNamed(kept, isNamed));
  const known: Observable<FileFacts> = given === undefined ? told() : of(given);
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
