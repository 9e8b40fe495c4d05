import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { isBusy } from "../../errors/isBusy.js";
import type { AskedRange } from "./checkPart.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { MirrorLocations } from "./MirrorLocations.js";
import type { MirrorPast } from "./MirrorPast.js";
import type { Standing, StandingQuestion } from "./Standing.js";

export interface MirrorQuestionParts {
  readonly past: MirrorPast;
  readonly locations: MirrorLocations;
  readonly standing: Standing;
}

/** Codes that say nothing of whether the file is at a place. */
const ofOurs: ReadonlySet<DownloadErrorCode> = new Set(["CHUNK_NOT_AVAILABLE", "LOCAL_IO", "NETWORK_DOWN"]);

/**
 * One question to a mirror, from its asking to its end: how its failure is to be taken. Three rules, in this order, for whatever came in place of the
 * file:
 *
 * 1. Of the address that a redirect led to, it may be that this has expired: the one that was given is asked once more, and nothing counts before.
 * 2. A refusal that came while others were served is about their number: see `Standing`.
 * 3. What contradicts the mirror's own past is asked again, after a wait, before it counts: see `MirrorPast`.
 */
export class MirrorQuestion {
  /** Where the question is asked first. */
  readonly address: URL;
  readonly #parts: MirrorQuestionParts;
  readonly #isOfPart: boolean;
  readonly #place: number;
  readonly #standing: StandingQuestion;
  readonly #number: number;
  #answer: HttpAnswer | undefined;
  #found: URL;
  #isHeard = false;

  /** @throws DownloadError of the contradiction that another question asks about already. */
  constructor(parts: MirrorQuestionParts, range: AskedRange | undefined) {
    this.#parts = parts;
    this.#isOfPart = range !== undefined;
    this.#place = range?.first ?? 0;
    this.address = this.#found = parts.locations.next;
    this.#number = parts.past.ask(this.#place);
    this.#standing = parts.standing.ask();
  }

  /** Redirects led there. */
  readonly arrived = (at: URL): void => {
    this.#found = at;
  };

  readonly answered = (answer: HttpAnswer): void => {
    this.#answer = answer;
  };

  /** Notes that bytes of the file came with the answer. */
  heard(): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    this.#standing.served();
    if (this.#answer === undefined) return;
    this.#parts.locations.found(this.#found);
    this.#parts.past.agrees(this.#number, this.#answer);
  }

  /** The error with which it fails; nothing where the same is to be asked at another address. */
  failed(thrown: unknown): { readonly error: unknown } | undefined {
    const { past, locations } = this.#parts;
    locations.forget(this.address);
    if (!(thrown instanceof DownloadError) || this.#isHeard) return { error: thrown };
    const isAnswered = this.#answer !== undefined;
    if (!locations.isGiven(this.address) && !ofOurs.has(thrown.code) && !isBusy(thrown)) return undefined;
    const crowded = this.#standing.crowded(thrown, isAnswered);
    if (crowded !== thrown) return { error: crowded };
    const asked = { number: this.#number, place: this.#place, isOfPart: this.#isOfPart };
    return { error: past.contradicted(thrown, this.#answer, asked) };
  }

  /** Releases the question: no asker waits for its answer any more. */
  left(): void {
    this.#parts.past.left(this.#number);
    this.#standing.left();
  }
}
