import { Observable } from "rxjs";

/** How long a signal that stops this process may be on its way, ms. */
const onItsWayMs = 20;

/**
 * Emits `stops` when the terminal stops this command (Ctrl-Z), before it does, and `goes-on` when it goes on; others may have written on the terminal
 * meanwhile. It stops as it would without. Signals are caught while anybody is subscribed.
 */
export function jobControl(): Observable<"stops" | "goes-on"> {
  return new Observable((subscriber) => {
    let timer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      subscriber.next("stops");
      process.off("SIGTSTP", onStop);
      process.kill(process.pid, "SIGTSTP");
      // A signal to itself stops a process before the next turn, unless no shell is there that could let it go on: then nothing stops it.
      timer = setTimeout(() => {
        process.on("SIGTSTP", onStop);
        subscriber.next("goes-on");
      }, onItsWayMs);
    };
    process.on("SIGTSTP", onStop);
    return () => {
      clearTimeout(timer);
      process.off("SIGTSTP", onStop);
    };
  });
}
