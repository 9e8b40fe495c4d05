import type { SchedulerLike } from "rxjs";
import { concat, concatMap, defer, from, map, NEVER, of, timer } from "rxjs";
import type { Peer, PeerSource } from "../peers/Peer.js";
import type { Span } from "./SwarmPeer.js";
import { isWithin } from "./SwarmPeer.js";

/** A peer, and when it is not there. */
export interface Attendee {
  readonly peer: Peer;
  readonly away: readonly Span[];
}

/**
 * The list of those who are there, at once and after each change.
 *
 *     a away from 5 on   (ab)-b|        nobody new will come: it completes with the last change
 *
 * With `endless` it never completes, as if more might come.
 */
export function attendanceOf(all: readonly Attendee[], endless: boolean, scheduler: SchedulerLike): PeerSource {
  const changes = all.flatMap(({ away }) => away.flatMap(({ fromMs = 0, untilMs = Infinity }) => [fromMs, untilMs]));
  const times = [...new Set(changes)].filter((ms) => ms > 0 && ms < Infinity).sort((a, b) => a - b);
  const present = (): readonly Peer[] =>
    all.filter(({ away }) => !away.some((span) => isWithin(span, scheduler.now()))).map(({ peer }) => peer);
  const first = defer(() => of(present()));
  const rest = from(times).pipe(
    concatMap((ms) => timer(Math.max(0, ms - scheduler.now()), scheduler)),
    map(present),
  );
  return concat(first, rest, endless ? NEVER : of());
}
