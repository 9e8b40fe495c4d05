import { ignoreElements, merge, tap } from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { hedges } from "../../operators/hedge.js";
import { raceLegs } from "../../operators/raceLegs.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Peer } from "../peers/Peer.js";
import type { TransferParts } from "./TransferParts.js";
import type { Trial } from "./Trial.js";

/** How often an attempt may ask a peer at the most: once more when another has it slower after all. */
const mostTimes = 2;

/** Legs beyond the first of an attempt, those of rescues not counted: one of many short-lived peers after the other may bring a part. */
const mostHedges = 3;

const gravity = { switch: 0, retry: 1, fail: 2 } as const;

/**
 * Gives an attempt at one chunk its second legs: beside a first byte that is late, in the place of a leg that died, and on a free peer that
 * would be done sooner. Each starts at the frontier. A leg in the place of one that got further, or died for want of a network, costs nothing, any other dead one's
 * costs as a retry, one beside a living leg needs a budget that is half full. Who had a part in wrong bytes of the chunk has none in its
 * second legs, while there is anybody else.
 */
export function withBackups(
  chunk: number,
  { pool, allowance }: TransferParts,
  trial: Trial,
): <T>(ask: AttemptFn<Peer, T>) => AttemptFn<Peer, T> {
  return raceLegs<Peer>({
    worst,
    backups: (race) => {
      const asked = new Map([[race.peer.id, 1]]);
      const timesAsked = (peer: Peer): number => asked.get(peer.id) ?? 0;
      const mourned = race.deaths.pipe(
        tap(({ peer, error }) => trial.died(peer, error, race.living > 0)),
        ignoreElements(),
      );
      const hedged = hedges(race, {
        after: pool.timeouts.hedgeMs,
        maxExtra: mostHedges,
        backup: () => pool.spare(chunk, (peer) => timesAsked(peer) > 0 || trial.isToAvoid(peer)),
        allow: (reason) => {
          if (reason === "slow-first-byte") return allowance.tryHedge();
          const granted = trial.diedBlameless || allowance.tryReplace();
          if (granted) trial.replaced();
          return granted;
        },
      });
      const accepts = (peer: Peer): boolean =>
        !trial.isAsking(peer) && timesAsked(peer) < mostTimes && !trial.isToAvoid(peer);
      const rescued = pool.rescues(chunk, (peer, instead) => (instead || race.living < 2) && accepts(peer));
      return merge(mourned, hedged, rescued).pipe(tap(({ peer }) => asked.set(peer.id, timesAsked(peer) + 1)));
    },
  });
}

/** The error of an attempt whose legs all died: what is worst for the chunk, and of those the last. */
function worst(errors: readonly unknown[]): unknown {
  const weighed = errors.map((error) => ({ error, weight: gravity[verdicts[toDownloadError(error).code].verdict] }));
  return weighed.reduce((a, b) => (b.weight >= a.weight ? b : a)).error;
}
