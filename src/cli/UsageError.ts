/** A mistake in what was typed or in the config file. The message is the whole story: one line, no stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What `make` makes of the user's words; its complaints about them become `UsageError`. */
export function usage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
