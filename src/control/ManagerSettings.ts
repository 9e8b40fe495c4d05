import * as v from "valibot";
import type { GivenRetryConfig } from "../download/RetryConfig.js";
import { positive, text } from "./shapes.js";

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** Any object: what a retry policy may hold is for `resolveRetryConfig` to say. */
export const retrySchema = v.custom<GivenRetryConfig>(isObject, "Expected an object of retry options");

/** Settings that all downloads of a manager have in common. */
export const settingsSchema = v.object({
  /** Downloads that run at a time. */
  concurrency: v.pipe(positive, v.maxValue(1000)),
  /** Bytes a second that all of them together take at most; null for any. */
  limitRate: v.nullable(v.pipe(v.number(), v.finite(), v.gtValue(0))),
  /** Folder of downloads that name none. */
  dir: v.pipe(text, v.minLength(1)),
  /** Retry policy, as far as it differs from the defaults; for downloads that begin from now on. */
  retry: retrySchema,
});
export type ManagerSettings = v.InferOutput<typeof settingsSchema>;

/** A change of settings; what it leaves out stays as it is. */
export const settingsChangeSchema = v.partial(settingsSchema);
export type SettingsChange = v.InferOutput<typeof settingsChangeSchema>;
