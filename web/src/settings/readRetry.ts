import { type GivenRetryConfig, resolveRetryConfig, type RetryConfig } from "../../../src/index.js";

/** Fields of a form for a retry policy, as text; an empty one means the default. */
export type RetryFields = Partial<Record<keyof RetryConfig, string>>;

/** Policy in the fields, and what is wrong with each of them. */
export interface ReadRetry {
  readonly given: GivenRetryConfig;
  readonly wrong: Partial<Record<keyof RetryConfig, string>>;
}

/** Reads the fields of a form. */
export function readRetry(fields: RetryFields): ReadRetry {
  const given: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const [name, text] of Object.entries(fields)) {
    const trimmed = text.trim();
    if (trimmed === "") continue;
    const value = Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
    try {
      resolveRetryConfig({ [name]: value });
      given[name] = value;
    } catch (error) {
      wrong[name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { given, wrong };
}

/** Policy as the fields of a form. */
export function fieldsOf(retry: GivenRetryConfig): RetryFields {
  const known = Object.entries(retry).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}
