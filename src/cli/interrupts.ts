import { Observable, share } from "rxjs";
import { exitCodes } from "./exitCodes.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Emits at the first Ctrl-C, SIGTERM, or SIGHUP of a terminal that is closed, which is the caller's to obey; the second one ends the process at once. Signals
 * are caught while anybody is subscribed.
 */
export function interrupts(): Observable<NodeJS.Signals> {
  return new Observable<NodeJS.Signals>((subscriber) => {
    let caught = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (caught) process.exit(exitCodes.interrupted);
      caught = true;
      subscriber.next(signal);
    };
    for (const signal of signals) process.on(signal, onSignal);
    return () => signals.forEach((signal) => process.off(signal, onSignal));
  }).pipe(share());
}
