import {
  BehaviorSubject,
  debounceTime,
  distinctUntilChanged,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  NEVER,
  type Observable,
  startWith,
  Subject,
  switchMap,
  take,
  tap,
  timer,
} from "rxjs";
import type { Discovery } from "./Discovery.js";

/** A wait that is over sooner is not worth a word: a peer is greeted, or the first answer of a search comes. */
const tellAfterMs = 1000;
const tellEveryMs = 30_000;
/** The time for which a peer is heard out at the end, from its last word. */
const lastAnswerMs = 15_000;

/**
 * Wait for a peer, while nobody can be asked and somebody may still come: as long as `peerWaitSecs` says, for all who come and go meanwhile. It begins when
 * the last peer that could be asked is lost, stands aside while somebody new is asked, and goes on to the same end when that one is lost, too: addresses that
 * lead nowhere cost nothing, and can have no end. Only somebody who answers ends it. It is told of again every half a minute.
 *
 *     lists     []      [A]------------
 *     A                    #             lacks the file
 *     wait      w---told|  w---told---#  peerWaitSecs after its beginning
 */
export class PeerWait {
  readonly #discovery: Pick<Discovery, "retry" | "clock" | "emit">;
  /** End of the wait, by the clock, ms, from its beginning until somebody answers. */
  readonly #until = new BehaviorSubject<number | undefined>(undefined);
  readonly #isOn = new BehaviorSubject(false);
  readonly #heard = new Subject<void>();
  #heldAt = -Infinity;
  #toldAt = -Infinity;
  /** Errors with `why` when a wait is over and nobody has come. */
  readonly expired: Observable<never>;

  constructor(discovery: Pick<Discovery, "retry" | "clock" | "emit">, why: () => Error) {
    this.#discovery = discovery;
    const over = map(() => {
      throw why();
    });
    this.expired = this.#until.pipe(
      distinctUntilChanged(),
      switchMap((untilMs) => (untilMs === undefined ? NEVER : this.#passing(untilMs).pipe(over))),
    );
  }

  /** True while nobody can be asked. */
  get isOn(): boolean {
    return this.#isOn.value;
  }

  /** Time at which somebody was there to be asked last, after a wait, by the clock, ms. */
  get heldAt(): number {
    return this.#heldAt;
  }

  begin(): void {
    const { clock, retry } = this.#discovery;
    if (this.#until.value === undefined) this.#until.next(clock.now() + retry.peerWaitSecs * 1000);
    this.#isOn.next(true);
  }

  /** Stands aside for a peer that can be asked, and may turn out to be nobody: what is left of the wait stays. */
  hold(): void {
    if (!this.isOn) return;
    this.#heldAt = this.#discovery.clock.now();
    this.#isOn.next(false);
  }

  /** Ends the wait, because a peer has answered: the next one is another. */
  end(): void {
    this.hold();
    this.#until.next(undefined);
  }

  /** A part of an answer came: whoever brings it is heard out. */
  heard(): void {
    this.#heard.next();
  }

  /** Emits at the end of the wait, and of what somebody is asked then. */
  #passing(untilMs: number): Observable<unknown> {
    const { clock } = this.#discovery;
    const alone = this.#isOn.pipe(filter(Boolean));
    const over = timer(untilMs - clock.now(), clock).pipe(
      switchMap(() => merge(alone, this.#heard.pipe(startWith(undefined), debounceTime(lastAnswerMs, clock)))),
      take(1),
    );
    const told = this.#isOn.pipe(
      distinctUntilChanged(),
      switchMap((isOn) => (isOn ? timer(tellAfterMs, tellEveryMs, clock) : EMPTY)),
      tap(() => this.#tell(untilMs)),
      ignoreElements(),
    );
    return merge(over, told);
  }

  #tell(untilMs: number): void {
    const { clock, emit } = this.#discovery;
    const now = clock.now();
    if (now >= untilMs || now < this.#toldAt + tellEveryMs) return;
    this.#toldAt = now;
    emit({ type: "waiting", reason: "no-peers", untilMs });
  }
}
