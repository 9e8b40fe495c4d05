/**
 * Chance that can be repeated: numbers in [0, 1), the same for the same seed. Streams of one seed are independent, so that each
 * part of a simulation has chance of its own, whatever the others draw.
 *
 * The generator is sfc32 by Chris Doty-Humphrey (PractRand, 2010), with 128 bits of state.
 */
export function seededRandom(seed: number, stream = 0): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Seeds that differ in one bit need some rounds to drift apart.
  for (let round = 0; round < 16; round++) next();
  return next;
}
