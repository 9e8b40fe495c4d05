import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  finalize,
  from,
  identity,
  map,
  type Observable,
  of,
  tap,
  throwError,
} from "rxjs";
import type { AttemptFn } from "../../../operators/attempt.js";
import { StalledError } from "../../../operators/Deadline.js";
import { stallGuard } from "../../../operators/stallGuard.js";
import type { FileSink } from "../../adapters/node/FileSink.js";
import { hashes } from "../../adapters/node/hashes.js";
import { sha256 } from "../../adapters/node/sha256.js";
import type { Mirror } from "../../discovery/Mirror.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Digest } from "../../manifest/Digest.js";
import { hasherOf, type NewHasher } from "../../manifest/Hasher.js";
import { hashName } from "../../manifest/HashType.js";
import { toHex } from "../../manifest/hex.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { hashRange } from "../../storage/hashRange.js";
import { sameBytes } from "../../transfer/verifyChunk.js";
import type { Backpressure } from "./Backpressure.js";
import { keepsFlowing } from "./keepsFlowing.js";
import type { UnsizedTally } from "./UnsizedTally.js";

type WholeSource = Pick<Mirror, "id" | "whole">;

type StoredWhole = Pick<FileSink, "write" | "read" | "doubt">;

export interface StoreWholeConfig {
  readonly tally: UnsizedTally;
  readonly backpressure: Pick<Backpressure, "came" | "paused" | "stored" | "waits">;
  /** The longest silence, and the time in which real progress has to come, ms. */
  readonly limitMs: number;
}

/**
 * An attempt at a whole file of unknown length: one answer from its first byte, written as it comes and hashed beside. It emits when bytes are
 * stored, and has ended well when all of them are in the file and have the digest that is wanted, if one is. Errors with `STALLED`, `TIMEOUT`,
 * `CHECKSUM_MISMATCH`, `LOCAL_IO` or what the mirror says.
 */
export function storeWhole(
  file: StoredWhole,
  { name, whole: wanted }: Pick<FileFacts, "name" | "whole">,
  { tally, backpressure, limitMs }: StoreWholeConfig,
): AttemptFn<WholeSource, unknown> {
  const hasher = hasherOf(wanted?.type ?? "sha-256", sha256, hashes);
  const flowing = stallGuard<WholeSource>({
    firstByteMs: limitMs,
    idleMs: limitMs,
    paused: backpressure.paused,
  })((peer) => peer.whole());
  return (peer, context) => {
    tally.begin();
    const hash = hasher();
    let end = 0;
    let waiting = 0;
    const stored = (bytes: number): void => {
      waiting -= bytes;
      backpressure.stored(bytes);
    };
    const store = (bytes: Uint8Array): Observable<Uint8Array> => {
      const offset = end;
      end += bytes.length;
      return concat(file.write(offset, bytes), of(bytes)).pipe(tap(({ length }) => stored(length)));
    };
    const flow = { peer: peer.id, everyMs: limitMs, paused: backpressure.paused, scheduler: context.scheduler };
    const stream = from(flowing(peer, context)).pipe(
      keepsFlowing(flow),
      catchError((error: unknown) => throwError(() => named(error, peer.id))),
      tap((bytes) => {
        tally.came(bytes.length);
        waiting += bytes.length;
        backpressure.came(bytes.length);
        backpressure.waits(bytes.length);
        hash.update(bytes);
      }),
    );
    const checked = defer(() => {
      const digest = hash.digest();
      return concat(check(name, digest, wanted), look(file, end, digest, hasher));
    });
    // An end in error waits its turn: no write of this attempt may come after those of the next.
    const written = stream.pipe(
      map(store),
      catchError((error: unknown) => of(throwError(() => error))),
      concatMap(identity),
    );
    // An empty write first: the file ends where the last write of this attempt does.
    return concat(file.write(0, new Uint8Array()), written, checked).pipe(
      finalize(() => stored(waiting)),
      endWith(undefined), // an attempt that brings nothing has failed, and the file may be empty
    );
  };
}

function named(error: unknown, peer: string): unknown {
  if (!(error instanceof StalledError)) return error;
  return new DownloadError("STALLED", `${peer} fell silent: ${error.message}`, { peer, cause: error });
}

function check(name: string, found: Uint8Array, wanted: Digest | undefined): Observable<never> {
  return defer(() => {
    if (wanted === undefined || sameBytes(found, wanted.bytes)) return EMPTY;
    const text = `${name} has ${hashName(wanted.type)} ${toHex(found)}, expected ${toHex(wanted.bytes)}`;
    return throwError(() => new DownloadError("CHECKSUM_MISMATCH", text));
  });
}

/** When the sink doubts that it has what came, it is read again. */
function look(file: StoredWhole, length: number, digest: Uint8Array, hasher: NewHasher): Observable<never> {
  return file.doubt().pipe(
    concatMap((doubt) => {
      if (doubt === undefined) return EMPTY;
      const refused = throwError(() => new DownloadError("LOCAL_IO", `${doubt.why}; nothing of it counts`));
      if (doubt.kind === "lost") return refused;
      return hashRange(file, { offset: 0, length }, hasher).pipe(
        concatMap((found) => (found !== undefined && sameBytes(found, digest) ? EMPTY : refused)),
      );
    }),
  );
}
