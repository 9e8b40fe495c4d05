/**
 * A limit from the options, or its default.
 *
 * @throws RangeError that names the option when it is not a whole number of at least `least`.
 */
export function checkLimit(name: string, value: number | undefined, fallback: number, least = 1): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} is ${value}, expected a whole number of at least ${least}`);
}
