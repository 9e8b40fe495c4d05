import fc from "fast-check";

/** Property tests draw the same cases in each run, so that a red one is news. `npm run test:laws` draws new ones. */
const { FC_SEED = "1", FC_RUNS } = process.env;
fc.configureGlobal({
  ...(FC_SEED !== "random" && { seed: Number(FC_SEED) }),
  ...(FC_RUNS !== undefined && { numRuns: Number(FC_RUNS) }),
});
