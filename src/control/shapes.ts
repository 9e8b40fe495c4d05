import * as v from "valibot";

export const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
/** Wall time, ms since the epoch. */
export const moment = v.pipe(v.number(), v.finite());
/** Words of any length: those of strangers, such as a name in a Metalink, are kept and told like any others, and whole messages and files have their limits. */
export const text = v.string();
// `v.instance` would narrow to bytes that own an `ArrayBuffer`, which callers cannot promise.
export const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array, "Expected bytes");
