/** A mistake in what was typed or in the config file. The message is the whole story: one line, no stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
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

/** Result of a promise that was made from the user's words; its complaints about them become `UsageError`, as with `usage`. */
export async function usageLater<T>(made: Promise<T>, typed: TypedNames = {}): Promise<T> {
  return made.catch((error: unknown) => {
    throw asUsage(error, typed);
  });
}

function asUsage(error: unknown, typed: TypedNames): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  // A complaint begins with the name of its option.
  const [name = ""] = /^\w+(?= )/.exec(error.message) ?? [];
  const called = Object.hasOwn(typed, name) ? typed[name] : undefined;
  return new UsageError(called === undefined ? error.message : called + error.message.slice(name.length));
}
