/** As many as are tried before a change is merged. */
const all = 300;
const count = Number(process.env["SEEDS"] ?? 30);

/** The seeds that simulations are tried with: 30, or as many as `SEEDS` says. */
export const seeds: readonly number[] = Array.from({ length: count }, (_, i) => i + 1);

/** Every fourth case, or all of them where all seeds are tried. */
export const someOf = <T>(cases: readonly T[]): readonly T[] => cases.filter((_, i) => count >= all || i % 4 === 0);
