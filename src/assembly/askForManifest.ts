import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  finalize,
  interval,
  merge,
  type Observable,
  of,
  Subject,
  takeUntil,
} from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { raceLegs } from "../../operators/raceLegs.js";
import { stallGuard } from "../../operators/stallGuard.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Manifest } from "../manifest/Manifest.js";

/** A peer that can be asked what its file is made of. */
export interface ManifestPeer {
  readonly id: string;
  /** `heard` is called for each part of it that comes. */
  manifest(sha256: Sha256, heard: () => void): Observable<Manifest>;
}

/** A peer that says nothing gets company after so long. */
const companyAfterMs = 2000;
/** The longest silence, dialling included. A part has up to 128 KiB and comes as one, so that a slow peer is silent for as long. */
const silenceMs = 15_000;
/** Peers asked at once. Manifests are small. */
const mostAtOnce = 4;

/** Who is asked next, and who hears of failures. */
export interface Asking {
  /** A peer that was not asked yet. */
  readonly next: () => ManifestPeer | undefined;
  readonly asked: (peer: ManifestPeer) => void;
  readonly failed: (peer: ManifestPeer, error: DownloadError) => void;
}

/**
 * One attempt at a manifest: asks a peer, and every two seconds one more, until the first part of it comes; whoever sent that goes on
 * alone. A peer that falls silent has failed, as `STALLED`. Emits `undefined` for each part, then the manifest.
 *
 *     peer A    --------------------
 *     peer B      ---p--p--m|             2 s later
 *     result    -----p--p--m|
 */
export function askForManifest(
  sha256: Sha256,
  { next, asked, failed }: Asking,
): AttemptFn<ManifestPeer, Manifest | undefined> {
  const guarded = stallGuard<ManifestPeer>({ firstByteMs: silenceMs, idleMs: silenceMs })((peer: ManifestPeer) =>
    withParts(peer, sha256),
  );
  const ask: AttemptFn<ManifestPeer, Manifest | undefined> = (peer, context) =>
    defer(() => {
      asked(peer);
      return guarded(peer, context);
    }).pipe(
      catchError((thrown: unknown) => {
        const { code, message } = toDownloadError(thrown);
        const isOurs = thrown instanceof DownloadError;
        const error = isOurs
          ? thrown
          : new DownloadError(code, `${peer.id}: ${message}`, { peer: peer.id, cause: thrown });
        failed(peer, error);
        throw error;
      }),
    );
  return raceLegs<ManifestPeer>({
    maxLiving: mostAtOnce,
    worst: mostHopeful,
    backups: (race) => {
      const silent = interval(companyAfterMs, race.context.scheduler).pipe(takeUntil(race.firstValues));
      const died = race.deaths.pipe(filter(() => race.living > 0));
      return merge(silent, died).pipe(
        filter(() => race.living < mostAtOnce),
        concatMap(() => {
          const peer = next();
          return peer === undefined ? EMPTY : of({ peer, reason: "slow-first-byte" });
        }),
      );
    },
  })(ask);
}

function withParts(peer: ManifestPeer, sha256: Sha256): Observable<Manifest | undefined> {
  return defer(() => {
    const parts = new Subject<undefined>();
    const manifest = peer.manifest(sha256, () => parts.next(undefined)).pipe(finalize(() => parts.complete()));
    return merge(parts, manifest);
  });
}

/** Of several failures, the last that may pass. */
function mostHopeful(errors: readonly unknown[]): unknown {
  const passing = errors.filter((error) => verdicts[toDownloadError(error).code].verdict === "retry");
  return passing.at(-1) ?? errors.at(-1);
}
