/** A mistake in what was typed or in the config file. The message is the whole story: one line, no stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Result of `make` on the user's words; its complaints about them become `UsageError`. */
export function usage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw asUsage(error);
  }
}

/** Result of a promise that was made from the user's words; its complaints about them become `UsageError`. */
export async function usageLater<T>(made: Promise<T>): Promise<T> {
  return made.catch((error: unknown) => {
    throw asUsage(error);
  });
}

function asUsage(error: unknown): unknown {
  return error instanceof TypeError || error instanceof RangeError ? new UsageError(error.message) : error;
}
