import type { Observable } from "rxjs";
import {
  catchError,
  combineLatest,
  concatMap,
  EMPTY,
  from,
  map,
  mergeMap,
  scan,
  startWith,
  tap,
  throwError,
} from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { nobodyToCompare, notComparable, otherBytes, otherSize } from "./refusals.js";
import { sampled } from "./sampled.js";
import { sampledByAny } from "./sampledByAny.js";
import { sampleRanges } from "./sampleRanges.js";
import { type Mirror, probed, type SurveyConfig } from "./surveyMirrors.js";

/**
 * The mirrors that a survey found, and those that come later and turn out to have the same file; the others are refused. Emits the whole list
 * again when it changes.
 */
export function joiningMirrors(
  peers: Observable<readonly HttpPeer[]>,
  {
    mirrors,
    size,
    refused,
  }: { readonly mirrors: readonly Mirror[]; readonly size: number; readonly refused: ReadonlySet<HttpPeer> },
  { retry, refuse }: Pick<SurveyConfig, "retry" | "refuse">,
): Observable<readonly HttpPeer[]> {
  const founders = mirrors.map(({ peer }) => peer);
  const ranges = sampleRanges(size);

  const joined = (peer: HttpPeer): Observable<HttpPeer> =>
    probed(peer, retry).pipe(
      concatMap(({ said }) => {
        if (said.size === undefined || !said.ranges) throw notComparable(peer.id);
        if (said.size !== size) throw otherSize(peer.id, said.size, size);
        const known = sampledByAny(
          founders.filter((founder) => founder.ranges),
          ranges,
          retry,
        );
        if (known === undefined) throw nobodyToCompare(peer.id);
        const ours = known.pipe(catchError((error: unknown) => throwError(() => nobodyToCompare(peer.id, error))));
        return combineLatest([ours, sampled(peer, ranges, retry)]).pipe(
          map(([ours, theirs]) => {
            if (ours !== theirs) throw otherBytes(peer.id);
            peer.expect(said);
            return peer;
          }),
        );
      }),
      catchError((error: unknown) => {
        refuse(peer, toDownloadError(error));
        return EMPTY;
      }),
    );

  const seen = new Set<HttpPeer>([...founders, ...refused]);
  const all = peers.pipe(
    mergeMap((present) => from(present.filter((peer) => !seen.has(peer)))),
    tap((peer) => seen.add(peer)),
    mergeMap(joined),
    scan((known, peer) => new Set(known).add(peer), new Set(founders)),
    startWith(new Set(founders)),
  );
  return combineLatest([peers, all]).pipe(map(([present, known]) => present.filter((peer) => known.has(peer))));
}
