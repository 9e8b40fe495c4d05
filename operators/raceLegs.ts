import { Observable } from "rxjs";
import type { AttemptFn } from "./attempt.js";
import { checkOptions, checkShape, type OptionShapes } from "./checkOptions.js";
import type { RaceLegsConfig } from "./LegRace.js";
import { LegRace } from "./LegRace.js";
import { aFunction, anyNumber } from "./optionShapes.js";

const shapes: OptionShapes<RaceLegsConfig<unknown>> = { backups: aFunction, maxLiving: anyNumber, worst: aFunction };

/**
 * Lets an attempt have several legs, on several peers, of which the first value decides.
 *
 *     peer A    -----------a--        the attempt's own peer: slow
 *     backups   ---B
 *     peer B       --b---c|           its first value cancels A
 *     result    -----b---c|
 *
 *     peer A    -a--a--a--a--a        delivers, but is taken over
 *     backups   ------B
 *     peer B          --b--c|
 *     result    -a--a--ab--c|
 *
 *     peer A    -----a--a--a--a       begins at last, but is taken over, by one for which it is a `bridge`
 *     backups   --B
 *     peer B      ------b--c|
 *     result    -----a--ab--c|
 *
 *     peer A    --#                   dies, and is replaced at once
 *     backups   --B
 *     peer B      ---b|
 *     result    -----b|
 *
 * - A leg's first value cancels all other legs, but for younger ones to which it is a `bridge`. Two first values of one millisecond:
 *   the one heard first wins, which is the older leg's where both were scheduled by one clock.
 * - A leg that dies hurts nobody while another lives. When the last one died and no backup came in answer, the attempt errors.
 * - A leg that completes after a value completes the attempt.
 * - A backup whose peer runs a leg already is ignored, as is one beyond `maxLiving`. One that says `stop` takes the place of all.
 * - Each backup that starts is told as an event `hedge`, whose `primary` is the peer of the leg before; where that is the backup itself, which is
 *   asked once more, the peer of the youngest leg that lives.
 *
 * A leg is torn down before its end is told. Unsubscribing cancels all legs and `backups` at once. Values are not taken back: after a
 * take-over the attempt function must know where to go on.
 *
 * @throws whatever `worst` chooses, and whatever `backups` errors with or a callback throws.
 * @throws RangeError at the call when `maxLiving` is below 1.
 *
 * @example
 * raceLegs<string>({ backups: ({ peer }) => timer(2000).pipe(map(() => ({ peer: mirrorOf(peer), reason: "slow-first-byte" }))) })(fetchText)
 */
export function raceLegs<P>(config: RaceLegsConfig<P>): <T>(attempt: AttemptFn<P, T>) => AttemptFn<P, T> {
  checkOptions("raceLegs", config, shapes);
  checkShape("backups", config.backups, aFunction);
  const { maxLiving = 2 } = config;
  if (!(maxLiving >= 1)) throw new RangeError(`maxLiving is ${maxLiving}, expected a number of at least 1`);
  return (attempt) => {
    checkShape("attempt", attempt, aFunction);
    return (peer, context) => new Observable((result) => new LegRace(attempt, peer, context, config, result).start());
  };
}
