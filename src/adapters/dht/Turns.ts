import { Observable, type Subscription } from "rxjs";

/** Works of which so many run at a time, in the order of their subscriptions. */
export class Turns {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  /** The work, once there is room for it. */
  take<T>(work: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      let running: Subscription | undefined;
      const begin = (): void => {
        this.#waiting.delete(begin);
        this.#free--;
        running = work.subscribe(subscriber);
      };
      if (this.#free > 0) begin();
      else this.#waiting.add(begin);
      return () => {
        if (this.#waiting.delete(begin)) return;
        running?.unsubscribe();
        this.#free++;
        const [next] = this.#waiting;
        next?.();
      };
    });
  }
}
