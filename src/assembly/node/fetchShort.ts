import { existsSync } from "node:fs";
import { dirname } from "node:path";
import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  defaultIfEmpty,
  EMPTY,
  filter,
  map,
  type Observable,
  of,
  reduce,
  take,
  takeUntil,
  tap,
  timer,
  toArray,
} from "rxjs";
import { besideNames } from "../../adapters/node/besideNames.js";
import type { Folders } from "../../adapters/node/Folders.js";
import { hashes } from "../../adapters/node/hashes.js";
import { keepInside } from "../../adapters/node/keepInside.js";
import { sha256 } from "../../adapters/node/sha256.js";
import { storeNew } from "../../adapters/node/storeNew.js";
import { startedAndDone } from "../../discovery/beforeStart.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import type { Agreement } from "../../download/Agreement.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { chunkAt, chunkCount, digestOf } from "../../manifest/chunks.js";
import { hasherOf } from "../../manifest/Hasher.js";
import type { HashType } from "../../manifest/HashType.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { Peer, PeerSource } from "../../peers/Peer.js";
import { sameBytes } from "../../transfer/verifyChunk.js";
import type { Backpressure } from "./Backpressure.js";
import { type HeadStart, withHeadStart } from "./withHeadStart.js";

/** Most files have no more in their first answer. */
const shortBytes = 256 * 1024;

/** A file that takes longer is worth a record. */
const shortMs = 1000;

/** Endings of the names that tell of an earlier run, or of another process; the first is that of the file itself. */
const traces = ["", ...besideNames];

export interface ShortConfig {
  /** The folder that the file may not leave. */
  readonly folder: string;
  readonly folders: Folders;
  readonly backpressure: Pick<Backpressure, "came">;
}

export type ShortEnd = { readonly events: readonly DownloadEvent[] } | { readonly peers: PeerSource };

/**
 * A file of few bytes, of which nothing is here, that comes whole with one answer of a mirror and within a second: it is held to its digests and to what other
 * mirrors have, and stored in one go, so that there is nothing to resume, no record and no lock. Emits the events of that download; or where anything was
 * otherwise the peers of the file, to be downloaded like any other: nothing was stored then, and what came is the beginning of what they bring. Errors as the
 * agreement of the file does.
 */
export function fetchShort(
  path: string,
  { facts, peers, unsized, agreement }: KnownFile,
  { folder, folders, backpressure }: ShortConfig,
): Observable<ShortEnd> {
  return defer(() => {
    const { size } = facts;
    const at = dirname(path);
    const isFit =
      unsized === undefined && size > 0 && size <= shortBytes && existsSync(at) && !folders.refusesLinks(at);
    if (!isFit || traces.some((ending) => existsSync(path + ending))) return of({ peers });
    const startedAt = asyncScheduler.now();
    return peers.pipe(
      take(1),
      concatMap(([peer]) => (peer?.connectsEach === true ? beginning(peer, size, backpressure) : EMPTY)),
      concatMap((came) => {
        const { peer, bytes } = came;
        const isWhole = isRight(bytes, facts);
        const agreed = isWhole ? agreedOn(facts, agreement) : EMPTY;
        return agreed.pipe(
          filter((agreed) => agreed === facts || isRight(bytes, agreed)),
          concatMap((agreed) => stored(path, bytes, { folder, folders }).pipe(map(() => agreed))),
          map((agreed): ShortEnd => {
            const at = asyncScheduler.now();
            const account = { received: size, bytesByPeer: { [peer.id]: size }, elapsedMs: at - startedAt };
            return { events: startedAndDone(agreed, at, account) };
          }),
          defaultIfEmpty(undefined),
          map((end) => end ?? { peers: handedOn(peers, came, { size, backpressure }) }),
        );
      }),
      defaultIfEmpty({ peers }),
    );
  });
}

/** The beginning of the file, as far as it came with one answer, and the peer that it came from. */
interface Beginning extends HeadStart {
  readonly peer: Peer;
}

/** Peers of the file, one of which has brought this already: it counts when the download hears of it. More than there is of the file is of no use. */
function handedOn(
  peers: PeerSource,
  { peer, bytes, failure }: Beginning,
  { size, backpressure }: { readonly size: number } & Pick<ShortConfig, "backpressure">,
): PeerSource {
  if ((bytes.length === 0 && failure === undefined) || bytes.length > size) return peers;
  backpressure.came(-bytes.length);
  const ahead = withHeadStart(peer, { bytes, failure });
  return peers.pipe(map((all) => all.map((each) => (each === peer ? ahead : each))));
}

/** The bytes that one answer brings in time, with the error that it ends with. */
function beginning(peer: Peer, size: number, backpressure: Pick<Backpressure, "came">): Observable<Beginning> {
  return defer(() => {
    let failure: unknown;
    const answer = peer.request({ chunk: 0, offset: 0, position: 0, length: size }).pipe(
      tap(({ length }) => backpressure.came(length)),
      catchError((error: unknown) => {
        failure = error;
        return EMPTY;
      }),
      takeUntil(timer(shortMs)),
    );
    return answer.pipe(
      toArray(),
      map((pieces) => ({
        peer,
        bytes: (pieces.length === 1 ? pieces[0] : undefined) ?? Buffer.concat(pieces),
        failure,
      })),
    );
  });
}

/** The facts of the file when the mirrors agree that it is the right one, with a digest that only others told of. */
function agreedOn(facts: FileFacts, agreement: Agreement | undefined): Observable<FileFacts> {
  if (agreement === undefined) return of(facts);
  return agreement(of(undefined)).pipe(reduce((told: FileFacts, digest) => ({ ...told, whole: digest }), facts));
}

function isRight(bytes: Uint8Array, facts: FileFacts): boolean {
  if (bytes.length !== facts.size) return false;
  const digest = (of: Uint8Array, type: HashType): Uint8Array => {
    const hasher = hasherOf(type, sha256, hashes)();
    hasher.update(of);
    return hasher.digest();
  };
  const areChunksRight = Array.from({ length: chunkCount(facts) }, (_, index) => index).every((index) => {
    const wanted = digestOf(facts, index);
    if (wanted === undefined) return true;
    const { offset, length } = chunkAt(facts, index);
    return sameBytes(digest(bytes.subarray(offset, offset + length), facts.digestType ?? "sha-256"), wanted);
  });
  return areChunksRight && (facts.whole === undefined || sameBytes(digest(bytes, facts.whole.type), facts.whole.bytes));
}

/** Emits when the file is on the disk; nothing where the disk refuses it, which is told when it does so again. */
function stored(
  path: string,
  bytes: Uint8Array,
  { folder, folders }: Pick<ShortConfig, "folder" | "folders">,
): Observable<unknown> {
  // A promise: whoever leaves, it runs to its end.
  return defer(() => keepInside(folder, path).then(() => storeNew(path, bytes, folders))).pipe(catchError(() => EMPTY));
}
