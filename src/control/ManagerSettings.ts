import * as v from "valibot";
import type { GivenRetryConfig } from "../download/RetryConfig.js";
import { positive, text } from "./shapes.js";

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** Any object: what a retry policy may hold is for `resolveRetryConfig` to say. */
export const retrySchema = v.custom<GivenRetryConfig>(isObject, "Expected an object of retry options");

/** Settings that all downloads of a manager have in common. */
export interface ManagerSettings {
  /** Downloads that run at a time. */
  readonly concurrency: number;
  /** Bytes a second that all of them together take at most; null for any. */
  readonly limitRate: number | null;
  /** Folder of downloads that name none. */
  readonly dir: string;
  /** Retry policy, as far as it differs from the defaults; for downloads that begin from now on. */
  readonly retry: GivenRetryConfig;
}

/** A change of settings; what it leaves out stays as it is. */
export type SettingsChange = { readonly [Name in keyof ManagerSettings]?: ManagerSettings[Name] | undefined };

export const settingsSchema = v.object({
  concurrency: v.pipe(positive, v.maxValue(1000)),
  limitRate: v.nullable(v.pipe(v.number(), v.finite(), v.gtValue(0))),
  dir: v.pipe(text, v.minLength(1)),
  retry: retrySchema,
}) satisfies v.GenericSchema<unknown, ManagerSettings>;

export const settingsChangeSchema = v.partial(settingsSchema);
