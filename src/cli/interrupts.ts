import { Observable, share } from "rxjs";
import { exitCodes } from "./exitCodes.js";

/**
 * Emits at the first Ctrl-C or SIGTERM, which is the caller's to obey; the second one ends the process at once. Signals are
 * caught while anybody is subscribed.
 */
export function interrupts(): Observable<NodeJS.Signals> {
  return new Observable<NodeJS.Signals>((subscriber) => {
    let caught = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (caught) process.exit(exitCodes.interrupted);
      caught = true;
      subscriber.next(signal);
    };
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    return () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }).pipe(share());
}
