import { defer, type Observable } from "rxjs";
import { localError } from "./localError.js";

/** Gives works on one file their turns: one after the other, in the order of their subscription, each to its end. Errors are `LOCAL_IO`. */
export function turns(path: string): <T>(verb: string, work: () => Promise<T>) => Observable<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (verb, work) =>
    defer(() => {
      const turn = last.then(work).catch((error: unknown) => {
        throw localError(verb, path, error);
      });
      // The next one in turn does not care how this one ended; its own subscriber hears of it.
      last = turn.catch(() => undefined);
      return turn;
    });
}
