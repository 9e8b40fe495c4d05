import * as v from "valibot";

/** A whole number of things. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

/** A number that may have a fraction, and a time. */
export const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
