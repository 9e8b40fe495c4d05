import { DownloadError } from "../index.js";

/** A mistake in what was typed or in the config file. The message is the whole story: one line, no stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The error of a value that cannot be, of what the user calls `called`; `must` says what would be right. */
export function wrongValue(called: string, value: unknown, must: string): UsageError {
  return new UsageError(`${called} is ${JSON.stringify(value)}; it must be ${must}`);
}

/** Flags as the user types them, by the options of the library that are made of them: `{ host: "--seed-host" }`. */
export type TypedNames = Readonly<Record<string, string>>;

/** Result of `make` on the user's words; its complaints about them become `UsageError`, in which options are called as they were typed. */
export function usage<T>(make: () => T, typed: TypedNames = {}): T {
  try {
    return make();
  } catch (error) {
    throw asUsage(error, typed);
  }
}

/**
 * Result of a promise that was made from the user's words; its complaints about them become `UsageError`, as with `usage`. A `DownloadError` that is about one
 * keeps its code, and calls the option as it was typed.
 */
export async function usageLater<T>(made: Promise<T>, typed: TypedNames = {}): Promise<T> {
  return made.catch((error: unknown) => {
    throw asUsage(error, typed);
  });
}

/** A complaint that begins with the name of an option of the library, with that option called as it was typed. */
export function asTyped(message: string, typed: TypedNames = {}): string {
  const [name = ""] = /^\w+(?= )/.exec(message) ?? [];
  return Object.hasOwn(typed, name) ? `${typed[name] ?? name}${message.slice(name.length)}` : message;
}

function asUsage(error: unknown, typed: TypedNames): unknown {
  if (error instanceof DownloadError) {
    const message = asTyped(error.message, typed);
    return message === error.message ? error : new DownloadError(error.code, message, { cause: error });
  }
  const isComplaint = error instanceof TypeError || error instanceof RangeError;
  return isComplaint ? new UsageError(asTyped(error.message, typed)) : error;
}
