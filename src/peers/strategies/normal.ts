/** Draws from the standard normal distribution, after Box and Muller (1958). */
export function normal(random: () => number): number {
  // 1 - u, because the logarithm of 0 is none; what is injected may also be exactly 1.
  const radius = Math.sqrt(-2 * Math.log(Math.max(1 - random(), Number.EPSILON)));
  return radius * Math.cos(2 * Math.PI * random());
}
