import { catchError, defer, filter, finalize, map, merge, type Observable, of, Subject, take, throwError } from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { stallGuard } from "../../operators/stallGuard.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Sha256 } from "../manifest/Hasher.js";
import { refusalOf } from "../manifest/fileName.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { AskedPeer } from "./AskedPeers.js";
import { askUntilAnswered } from "./askUntilAnswered.js";
import type { Discovery } from "./Discovery.js";

/** A peer that can be asked what its file is made of. */
export interface ManifestPeer extends AskedPeer {
  /** `heard` is called for each part of it that comes. */
  manifest(sha256: Sha256, heard: () => void): Observable<Manifest>;
}

/** A peer that says nothing gets company after so long. Manifests are small, so that several can be asked at once. */
const company = { afterMs: 2000, most: 4 };
/** The longest silence, dialling included. A part has up to 128 KiB and comes as one, so that a slow peer is silent for as long. */
const silenceMs = 15_000;

/**
 * Asks the peers for the manifest of their file. All can answer alike, so the next one is asked at once after a failure, and beside one that is silent for two
 * seconds; the peer whose first part comes first goes on alone, and has failed when it falls silent. The manifest was checked against the root of the link,
 * which does not say how the file is called: a peer whose name for it is not safe has failed, too, unless the file `isNamed` by its user. When nobody has a
 * better one, it is called by its root.
 *
 *     peer A    --------------------
 *     peer B      ---p--p--m|             2 s later
 *     result    -----------m|
 *
 * Errors with what the last peer said, or `FILE_NOT_FOUND_ANYWHERE`, `RETRIES_EXHAUSTED`, `CHUNK_DEADLINE`, `NO_PEERS`.
 */
export function fetchManifest(
  peers: Observable<readonly ManifestPeer[]>,
  sha256: Sha256,
  discovery: Discovery,
  isNamed = false,
): Observable<Manifest> {
  return defer(() => {
    const nameless: Manifest[] = [];
    const named = (manifest: Manifest, peer: ManifestPeer): Manifest => {
      const refusal = isNamed ? undefined : refusalOf(manifest.name);
      if (refusal === undefined) return manifest;
      nameless.push(safelyNamed(manifest, isNamed));
      const text = `${peer.id} suggests a name that no file gets: ${refusal}`;
      throw new DownloadError("PROTOCOL_ERROR", text, { peer: peer.id });
    };
    return askForManifest(peers, { sha256, named }, discovery).pipe(
      catchError((error: unknown) => {
        const [manifest] = nameless;
        return manifest === undefined ? throwError(() => noManifest(error)) : of(manifest);
      }),
    );
  });
}

/** A manifest that a peer told, with its name where a file may be called so, or where the file `isNamed` by its user; else it is called by its root. */
export function safelyNamed(manifest: Manifest, isNamed: boolean): Manifest {
  return isNamed || refusalOf(manifest.name) === undefined ? manifest : { ...manifest, name: nameByRoot(manifest) };
}

/** The name of a file where no other may be had. */
export function nameByRoot({ root }: Pick<Manifest, "root">): string {
  return `${root}.bin`;
}

interface Asking {
  readonly sha256: Sha256;
  /** The manifest; throws where its name cannot be. */
  readonly named: (manifest: Manifest, peer: ManifestPeer) => Manifest;
}

function askForManifest(
  peers: Observable<readonly ManifestPeer[]>,
  { sha256, named }: Asking,
  discovery: Discovery,
): Observable<Manifest> {
  const guarded = stallGuard<ManifestPeer>({ firstByteMs: silenceMs, idleMs: silenceMs });
  const question: AttemptFn<ManifestPeer, Manifest | undefined> = guarded((peer: ManifestPeer) =>
    withParts(peer, sha256).pipe(map((part) => part && named(part, peer))),
  );
  return askUntilAnswered(
    peers,
    question,
    { about: "manifest", limit: "all", company, waitsForOthers: true },
    discovery,
  ).pipe(
    filter((part) => part !== undefined),
    take(1),
  );
}

/** The manifest of a peer, with `undefined` before it for each part that came. */
function withParts(peer: ManifestPeer, sha256: Sha256): Observable<Manifest | undefined> {
  return defer(() => {
    const parts = new Subject<undefined>();
    const manifest = peer.manifest(sha256, () => parts.next(undefined)).pipe(finalize(() => parts.complete()));
    return merge(parts, manifest);
  });
}

function noManifest(thrown: unknown): DownloadError {
  if (!(thrown instanceof RetryGaveUpError)) return toDownloadError(thrown);
  const last = thrown.cause === undefined ? undefined : toDownloadError(thrown.cause);
  const why = last === undefined ? "no peer could be asked" : last.message;
  const code =
    thrown.reason === "exhausted"
      ? "RETRIES_EXHAUSTED"
      : thrown.reason === "deadline"
        ? "CHUNK_DEADLINE"
        : last === undefined
          ? "NO_PEERS"
          : last.code === "FILE_NOT_FOUND"
            ? "FILE_NOT_FOUND_ANYWHERE"
            : last.code;
  return new DownloadError(code, `the manifest could not be had: ${why}`, { cause: last });
}
