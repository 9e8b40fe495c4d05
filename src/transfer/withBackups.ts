import { merge } from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import { hedges } from "../../operators/hedge.js";
import { raceLegs } from "../../operators/raceLegs.js";
import type { Peer } from "../peers/Peer.js";
import type { ChunkHistory } from "./ChunkHistory.js";
import type { TransferParts } from "./TransferParts.js";

/** The most requests of an attempt to one peer: once more when another has it slower after all. */
const mostTimes = 2;

/** Legs beyond the first of an attempt, those of rescues not counted: one of many short-lived peers after the other may bring a part. */
const mostHedges = 3;

/**
 * Gives an attempt at one chunk its second legs: beside a first byte that is late, in the place of a leg that died, and on a free peer that
 * would be done sooner. Each starts at the frontier. A leg beside a living one needs a budget that is half full; the price of a replacement is
 * `tryReplace`'s. A peer that had a part in wrong bytes of the chunk has none in its second legs, while there is anybody else.
 */
export function withBackups(
  chunk: number,
  { pool, allowance }: TransferParts,
  history: ChunkHistory,
): <T>(ask: AttemptFn<Peer, T>) => AttemptFn<Peer, T> {
  const timesAsked = ({ id }: Peer): number => history.legs.all.filter(({ peer }) => peer.id === id).length;
  return raceLegs<Peer>({
    worst: (errors) => history.worst ?? errors.at(-1),
    backups: (race) => {
      const hedged = hedges(race, {
        after: pool.timeouts.hedgeMs,
        maxExtra: mostHedges,
        backup: () => pool.spare(chunk, (peer) => timesAsked(peer) > 0 || history.isToAvoid(peer)),
        allow: (reason) => (reason === "dead" ? history.tryReplace() : allowance.tryHedge()),
      });
      const accepts = (peer: Peer): boolean =>
        !history.legs.isAsking(peer) && timesAsked(peer) < mostTimes && !history.isToAvoid(peer);
      const rescued = pool.rescues(chunk, (peer, instead) => (instead || race.living < 2) && accepts(peer));
      return merge(hedged, rescued);
    },
  });
}
