import { catchError, of, throwError } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";

/** Gives the end of all attempts as a value and an end, "exhausted after 4: peer is down", so that marbles show when and why. */
export function explained<T>(): OperatorFunction<T, T | string> {
  return catchError((error: unknown) =>
    error instanceof RetryGaveUpError
      ? of(`${error.reason} after ${error.attempts}: ${causeOf(error)}`)
      : throwError(() => error),
  );
}

function causeOf({ cause }: RetryGaveUpError): string {
  return cause instanceof Error ? cause.message : String(cause);
}
