import { BehaviorSubject, ignoreElements, map, merge, NEVER, type Observable, switchMap, tap, timer } from "rxjs";
import type { Discovery } from "./Discovery.js";

/** A wait that is over sooner is not worth a word: a peer is greeted, or the first answer of a search comes. */
const tellAfterMs = 1000;

/**
 * Wait for a peer, while nobody can be asked and somebody may still come: as long as `peerWaitSecs` says. It begins when the last peer that could be
 * asked is lost, ends when somebody new is there or answers, and is told once each time.
 *
 *     lists     []      [A]-----------------
 *     A                    #                      lacks the file
 *     wait      w---told|  w---told----------#    peerWaitSecs after the second beginning
 */
export class PeerWait {
  readonly #discovery: Pick<Discovery, "retry" | "clock" | "emit">;
  /** End of the wait that is on, by the clock, ms. */
  readonly #until = new BehaviorSubject<number | undefined>(undefined);
  #endedAt = -Infinity;
  /** Errors with `why` when a wait is over and nobody has come. */
  readonly expired: Observable<never>;

  constructor(discovery: Pick<Discovery, "retry" | "clock" | "emit">, why: () => Error) {
    this.#discovery = discovery;
    const over = map(() => {
      throw why();
    });
    this.expired = this.#until.pipe(
      switchMap((untilMs) => (untilMs === undefined ? NEVER : this.#passing(untilMs).pipe(over))),
    );
  }

  get isOn(): boolean {
    return this.#until.value !== undefined;
  }

  /** End of the last wait that somebody ended, by the clock, ms. */
  get endedAt(): number {
    return this.#endedAt;
  }

  begin(): void {
    const { clock, retry } = this.#discovery;
    if (!this.isOn) this.#until.next(clock.now() + retry.peerWaitSecs * 1000);
  }

  end(): void {
    if (!this.isOn) return;
    this.#endedAt = this.#discovery.clock.now();
    this.#until.next(undefined);
  }

  /** Emits at the end of the wait. */
  #passing(untilMs: number): Observable<unknown> {
    const { clock, emit } = this.#discovery;
    const told = timer(tellAfterMs, clock).pipe(
      tap(() => emit({ type: "waiting", reason: "no-peers", untilMs })),
      ignoreElements(),
    );
    return merge(timer(untilMs - clock.now(), clock), told);
  }
}
