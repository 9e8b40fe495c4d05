import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  throwError,
  timer,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import type { ByteRange, Peer } from "../../peers/Peer.js";

/** How a scripted peer behaves; without a script it serves everything at once. */
export interface PeerScript {
  /** Silence before the first byte of a request, ms. @default 0 */
  readonly roundTripMs?: number;
  /** Speed of each request, bytes a second. @default no limit */
  readonly bytesPerSecond?: number;
  /** Bytes that come in one piece. @default 65536 */
  readonly pieceBytes?: number;
  /** Each request errors after so many bytes, unless it is over by then. @default never */
  readonly failAfterBytes?: number;
  /** After so many bytes over all requests it is dead: requests in flight and all later ones error. @default never */
  readonly diesAfterBytes?: number;
  /** The error of a request that ends so. @default "CONNECTION_LOST" */
  readonly failWith?: DownloadErrorCode | DownloadError;
  /** Errors each request at once with this. @default it serves */
  readonly refuseWith?: DownloadErrorCode | DownloadError;
  /** The byte at this place in the file comes with its bits flipped. @default none */
  readonly corruptAt?: number;
  /** Accepts requests and says nothing. @default false */
  readonly hang?: boolean;
  /** True when it can start in the middle. @default true */
  readonly ranges?: boolean;
  /** The chunks it has. @default all */
  readonly has?: (chunk: number) => boolean;
  /** Where time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * A peer that serves a file's bytes from memory with the faults of its script. Without `roundTripMs` and `bytesPerSecond` it
 * answers synchronously; with them it takes all time from the scheduler, so it fits virtual time. Each subscription is a
 * request of its own, and unsubscribing ends it in the same frame.
 */
export function scriptedPeer(id: string, file: Uint8Array, script: PeerScript = {}): Peer {
  const { roundTripMs = 0, bytesPerSecond = Infinity, failAfterBytes = Infinity, diesAfterBytes = Infinity } = script;
  const scheduler = script.scheduler ?? asyncScheduler;
  const fail = (reason: DownloadErrorCode | DownloadError) => throwError(() => errorOf(reason, id));
  const breakOff = () => fail(script.failWith ?? "CONNECTION_LOST");
  const silence = (ms: number) => (ms > 0 ? timer(ms, scheduler).pipe(ignoreElements()) : EMPTY);
  let servedBytes = 0;

  const serve = (range: ByteRange): Observable<Uint8Array> => {
    let left = failAfterBytes;
    const deliver = (piece: Uint8Array): Observable<Uint8Array> => {
      if (left <= 0) return breakOff();
      const own = piece.subarray(0, left);
      left -= own.length;
      const arrive = defer(() => {
        // Other requests may have used the peer's life up since this piece set out.
        const arrived = own.subarray(0, Math.max(0, diesAfterBytes - servedBytes));
        servedBytes += arrived.length;
        const arrival = arrived.length > 0 ? of(arrived) : EMPTY;
        return arrived.length < piece.length ? concat(arrival, breakOff()) : arrival;
      });
      return concat(silence((1000 * own.length) / bytesPerSecond), arrive);
    };
    return concat(silence(roundTripMs), from(piecesOf(file, range, script)).pipe(concatMap(deliver)));
  };

  return {
    id,
    ranges: script.ranges ?? true,
    ...(script.has === undefined ? {} : { has: script.has }),
    request: (range) =>
      defer(() => {
        if (script.hang === true) return NEVER;
        if (script.refuseWith !== undefined) return concat(silence(roundTripMs), fail(script.refuseWith));
        return serve(range);
      }),
  };
}

/** The bytes asked for as copies of their own, the corrupt one flipped. */
function* piecesOf(file: Uint8Array, { position, length }: ByteRange, script: PeerScript): Generator<Uint8Array> {
  const { pieceBytes = 65_536, corruptAt = -1 } = script;
  const end = Math.min(file.length, position + length);
  for (let at = position; at < end; at += pieceBytes) {
    const piece = file.slice(at, Math.min(end, at + pieceBytes));
    const byte = piece[corruptAt - at];
    if (byte !== undefined) piece[corruptAt - at] = byte ^ 0xff;
    yield piece;
  }
}

function errorOf(reason: DownloadErrorCode | DownloadError, peer: string): DownloadError {
  return typeof reason === "string" ? new DownloadError(reason, `${peer}: ${reason}, as scripted`, { peer }) : reason;
}
