import { defer, ignoreElements, map, merge, type Observable, ReplaySubject, take, tap, timer } from "rxjs";
import { type AskMirrorConfig, askMirror } from "./askMirror.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import { keptUntil } from "./keptUntil.js";
import { openMirror } from "./openMirror.js";
import { sampled, sampleRanges } from "./samples.js";

/** A mirror that has said nothing for so long may be down; another one may be asked beside it. */
const silentMs = 2000;

export interface MirrorAnswersConfig {
  /** True when the first question to a mirror is for the beginning of its file, which the download wants next, and not for two bytes. */
  readonly opens: (mirror: Mirror) => boolean;
  /** Bytes of the file, where they are known. */
  readonly size?: number | undefined;
  /** Ends all questions. */
  readonly left: Observable<unknown>;
}

/**
 * The questions to the mirrors of a file. Each is asked once, when somebody first wants its answer, goes on when nobody does any more, and has its answer for
 * whoever comes later: a mirror that is late for a decision is not asked anew for the next one.
 */
export class MirrorAnswers {
  readonly #discovery: Discovery;
  readonly #config: MirrorAnswersConfig;
  readonly #answers: Questions<AnsweredMirror>;
  readonly #prints: Questions<string>;
  #size: number | undefined;

  constructor(discovery: Discovery, config: MirrorAnswersConfig) {
    this.#discovery = discovery;
    this.#config = config;
    this.#size = config.size;
    this.#answers = new Questions(discovery, config.left);
    this.#prints = new Questions(discovery, config.left);
  }

  /** Mirrors that have failed to answer, if only in passing, or are silent; each once, those of before first. */
  get failing(): Observable<Mirror> {
    return this.#answers.failing;
  }

  /** Mirrors whose `printOf` has failed, if only in passing, or is silent; each once, those of before first. */
  get failingPrints(): Observable<Mirror> {
    return this.#prints.failing;
  }

  /** Answers from now on have to agree with this size, on which it was decided. */
  decide(size: number): void {
    this.#size = size;
    for (const mirror of this.#answers.asked) mirror.expect({ size });
  }

  /** The mirror's words on its file. Emits once; errors as `askMirror` does. */
  answerOf(mirror: Mirror): Observable<AnsweredMirror> {
    return this.#answers.ask(mirror, (asking) => {
      if (this.#size !== undefined) mirror.expect({ size: this.#size });
      if (this.#config.opens(mirror)) return openMirror(mirror, this.#discovery, asking);
      return askMirror(mirror, () => mirror.probe(), this.#discovery, asking).pipe(map((said) => ({ mirror, said })));
    });
  }

  /** A few bytes of the mirror's file, which has that size, as text; see `sampleRanges`. Emits once; errors as `askMirror` does. */
  printOf(mirror: Mirror, size: number): Observable<string> {
    return this.#prints.ask(mirror, (asking) => sampled(mirror, sampleRanges(size), this.#discovery, asking));
  }

  /** The mirror is asked anew when somebody next wants to know. */
  forget(mirror: Mirror): void {
    this.#answers.forget(mirror);
    this.#prints.forget(mirror);
  }
}

/** A question that is asked of each of many mirrors once. */
class Questions<T> {
  readonly failing = new ReplaySubject<Mirror>(Infinity);
  readonly #clock: Discovery["clock"];
  readonly #left: Observable<unknown>;
  readonly #known = new Map<Mirror, Observable<T>>();
  readonly #failed = new Set<Mirror>();

  constructor({ clock }: Discovery, left: Observable<unknown>) {
    this.#clock = clock;
    this.#left = left;
  }

  get asked(): Iterable<Mirror> {
    return this.#known.keys();
  }

  ask(mirror: Mirror, question: (asking: AskMirrorConfig) => Observable<T>): Observable<T> {
    const known = this.#known.get(mirror);
    if (known !== undefined) return known;
    const fails = (): void => this.#fails(mirror);
    const silent = timer(silentMs, this.#clock).pipe(tap(fails), ignoreElements());
    const answer = merge(defer(() => question({ onAgain: fails })).pipe(tap({ error: fails })), silent).pipe(
      take(1),
      keptUntil(this.#left),
    );
    this.#known.set(mirror, answer);
    return answer;
  }

  forget(mirror: Mirror): void {
    this.#known.delete(mirror);
  }

  #fails(mirror: Mirror): void {
    if (this.#failed.has(mirror)) return;
    this.#failed.add(mirror);
    this.failing.next(mirror);
  }
}
