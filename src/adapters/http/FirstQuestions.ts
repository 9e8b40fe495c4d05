import {
  catchError,
  concat,
  concatMap,
  filter,
  map,
  merge,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  switchMap,
  take,
  tap,
  throwError,
  timer,
} from "rxjs";
import type { MirrorAnswer } from "../../discovery/Mirror.js";
import type { MirrorFacts } from "../../protocol/MirrorFacts.js";
import { anyOf } from "./anyOf.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { type AskedRange, checkBeginning, checkPart, isVeiledPart, rangeIn } from "./checkPart.js";
import { contentLength } from "./contentLength.js";
import { drained } from "./drained.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { ResolvedHttpOptions } from "./HttpPeerOptions.js";
import type { MirrorRequests } from "./MirrorRequests.js";
import { probeOf } from "./probeOf.js";

/** The first question: as much as most files have in their first chunk, since more of it would be on its way before anybody could stop it. */
const beginning: AskedRange = { first: 0, last: 256 * 1024 - 1 };

/** A whole of fewer bytes is read along its one answer, whatever the mirror says of ranges: more connections would be worth no second question. */
const longWhole = 16 * 1024 * 1024;

/** How long a mirror has to show that it serves ranges, as it says beside a whole, ms. */
const confirmMs = 2000;

/** Not the first byte alone: busybox httpd, s3rver, sirv and vite take an end of 0 for none, and send all. */
const probed: AskedRange = { first: 0, last: 1 };

/** The judgement of answers, which is the peer's. */
interface Judge {
  readonly checkWhole: (answer: HttpAnswer, known: MirrorFacts, isOfPart: boolean) => void;
  readonly refuse: (answer: HttpAnswer, known: MirrorFacts) => Observable<never>;
  /** The mirror sends only the whole file. */
  readonly noRanges: () => void;
  /** True while no answer has shown that the mirror sends only the whole file. */
  readonly mayRange: () => boolean;
}

/** The questions to a mirror by which its file becomes known. */
export class FirstQuestions {
  readonly #id: string;
  readonly #options: ResolvedHttpOptions;
  readonly #requests: MirrorRequests;
  readonly #peer: Judge;

  constructor(id: string, options: ResolvedHttpOptions, requests: MirrorRequests, peer: Judge) {
    this.#id = id;
    this.#options = options;
    this.#requests = requests;
    this.#peer = peer;
  }

  /**
   * Asks for the beginning of the file; emits what the answer tells of it, then its bytes, none of which is read while `paused` last said
   * `true`. An answer that makes no sense of that question, as several do for an empty file, is followed by one that asks for no range. Errors
   * as `request` does; takes as long as the mirror does. Unsubscribing drops the connection.
   */
  begin(paused: Observable<boolean>): Observable<MirrorAnswer | Uint8Array> {
    const pause = pausedOnceTaken(anyOf(paused, this.#options.paused));
    const question = { range: beginning, paused: pause.paused };
    const asked = this.#requests.ask(question, (answer, known): Observable<MirrorAnswer | Uint8Array> => {
      // Always subscribed at once: it is paused, and its connection would be dropped without a reader.
      const body = (length: number | undefined) => {
        pause.take();
        return this.#requests.body(answer, length).pipe(this.#requests.samples.keep(0));
      };
      if (answer.status === 206 && !isOfNothing(answer)) {
        const { last, total } = checkBeginning(this.#id, answer, beginning, known);
        const said = { ...this.#said(answer, known, { ranges: true, size: total }), end: last + 1 };
        return merge(this.#sized(said, answer), body(last + 1));
      }
      if (answer.status === 200) {
        this.#peer.checkWhole(answer, known, true);
        const size = contentLength(answer.headers);
        const said = this.#said(answer, known, { ranges: false, size });
        return merge(this.#confirmed(said, answer), body(known.size ?? size));
      }
      return isSenseless(answer) ? this.#senseless(answer) : this.#peer.refuse(answer, known);
    });
    return asked.pipe(otherwise({ whole: () => this.#beginWhole(paused) }));
  }

  #senseless(answer: HttpAnswer): Observable<never> {
    return concat(
      drained(answer, this.#options.scheduler),
      throwError(() => new Unsettled("whole")),
    );
  }

  /** The facts `said`, confirmed by a question for a part where a mirror sent the whole, but says that it serves ranges. */
  #confirmed(said: MirrorAnswer, answer: HttpAnswer): Observable<MirrorAnswer> {
    const { size = Infinity } = said;
    const isDenied = !claimsParts(answer);
    const isAllAskedFor = size <= beginning.last + 1;
    if (isDenied || (size < longWhole && !isAllAskedFor)) this.#peer.noRanges();
    if (isDenied || size < longWhole) return of(said);
    // A server that takes one connection has none for this.
    const late = timer(confirmMs, this.#options.scheduler).pipe(map(() => said));
    return merge(this.#probeStart(true), late).pipe(
      take(1),
      catchError(() => of(said)),
      tap(({ ranges }) => ranges || this.#peer.noRanges()),
    );
  }

  /** Begins the file by a question for the whole, in place of an answer that told nothing. */
  #beginWhole(paused: Observable<boolean>): Observable<MirrorAnswer | Uint8Array> {
    const pause = pausedOnceTaken(anyOf(paused, this.#options.paused));
    return this.#requests.ask({ paused: pause.paused }, (whole, known): Observable<MirrorAnswer | Uint8Array> => {
      if (whole.status !== 200) return this.#peer.refuse(whole, known);
      this.#peer.checkWhole(whole, known, false);
      const size = contentLength(whole.headers);
      if (size !== 0) this.#peer.noRanges();
      const said = this.#said(whole, known, { ranges: size === 0, size });
      pause.take();
      return concat(of(said), this.#requests.body(whole, known.size ?? size).pipe(this.#requests.samples.keep(0)));
    });
  }

  /**
   * Asks for the first two bytes, since many servers refuse HEAD, and emits once what the answer tells of the file; a mirror that keeps the size to itself
   * there, and of which none is expected, is asked for the whole, which is dropped when it has begun. Errors as `request` does; takes as long as the mirror
   * does. Unsubscribing drops the connection.
   */
  probe(): Observable<MirrorAnswer> {
    return this.#probeStart();
  }

  /**
   * The facts `said` with a part, with the size of the file. One that a part does not tell is that of the whole; one that the platform may have hidden is held
   * to what no platform hides: whether there is a byte behind it.
   */
  #sized(said: MirrorAnswer, answer: HttpAnswer): Observable<MirrorAnswer> {
    const told = said.size === undefined ? this.#probeWhole(said) : of(said);
    return isVeiledPart(answer) ? told.pipe(concatMap((all) => this.#endChecked(all))) : told;
  }

  /**
   * The facts `said`, without a size where the file turns out to go on behind it: of servers that give less than they are asked for, and hide how much there
   * is, it is that of a part. Errors with `RESOURCE_CHANGED` where the size is the one that was expected.
   */
  #endChecked({ size, ...said }: MirrorAnswer): Observable<MirrorAnswer> {
    if (size === undefined || size === 0) return of({ ...said, ...(size === 0 && { size }) });
    return this.#requests.ask({ range: { first: size - 1, last: size } }, (answer, known) => {
      const goesOn = answer.status === 206 && (contentLength(answer.headers) ?? 1) > 1;
      if (goesOn && known.size === size) throw longer(this.#id, size);
      return concat(drained(answer, this.#options.scheduler), of(goesOn ? said : { ...said, size }));
    });
  }

  /** The facts `said`, with the size that the beginning of the whole tells besides, if it tells one. */
  #probeWhole(said: MirrorAnswer): Observable<MirrorAnswer> {
    return this.#requests
      .ask({}, (answer) => {
        const size = answer.status === 200 ? contentLength(answer.headers) : undefined;
        return of(size === undefined ? said : { ...said, size });
      })
      .pipe(catchError(() => of(said)));
  }

  /** `isAgain` where a whole came that may not be what the mirror sends later. */
  #probeStart(isAgain = false): Observable<MirrorAnswer> {
    const asked = this.#requests.ask({ range: probed }, (answer, known) => {
      const { status, headers } = answer;
      const said = (ranges: boolean, size: number | undefined) => this.#said(answer, known, { ranges, size });
      if (status === 206 && !isOfNothing(answer)) {
        const total = rangeIn(answer, probed)?.total ?? Infinity;
        const size = checkPart(this.#id, answer, { first: 0, last: Math.min(probed.last, total - 1) }, known);
        return concat(drained(answer, this.#options.scheduler), this.#sized(said(true, size), answer));
      }
      if (status === 200) {
        this.#peer.checkWhole(answer, known, true);
        const size = contentLength(headers);
        // A file that the range covers is sent whole by some.
        const ranges = this.#peer.mayRange() && size !== undefined && size <= probed.last + 1;
        if (!ranges && !isAgain && claimsParts(answer)) throw new Unsettled("again");
        if (!ranges) this.#peer.noRanges();
        return of(said(ranges, size));
      }
      return isSenseless(answer) ? this.#senseless(answer) : this.#peer.refuse(answer, known);
    });
    const whole = () =>
      this.#beginWhole(NEVER).pipe(
        filter((told): told is MirrorAnswer => !(told instanceof Uint8Array)),
        take(1),
      );
    return asked.pipe(otherwise({ whole, again: () => this.#probeStart(true) }));
  }

  #said(
    answer: HttpAnswer,
    known: MirrorFacts,
    { ranges, size = known.size }: { readonly ranges: boolean; readonly size: number | undefined },
  ): MirrorAnswer {
    const place = this.#requests.locations.nameOf(answer.url);
    return probeOf(answer, { ranges, size, ...(place === this.#id ? {} : { place }) });
  }
}

function longer(peer: string, size: number): DownloadError {
  const text = `${peer} has another file now: it goes on behind its ${size} bytes`;
  return new DownloadError("RESOURCE_CHANGED", text, { peer });
}

/** An answer after which the file has to be asked for otherwise: as a whole, or once more. */
class Unsettled extends Error {
  override readonly name = "Unsettled";
  readonly next: "whole" | "again";

  constructor(next: Unsettled["next"]) {
    super(`the file is asked for ${next}`);
    this.next = next;
  }
}

/** Asks otherwise where that is to be, when the question before has left. */
function otherwise<T>(ways: Partial<Record<Unsettled["next"], () => Observable<T>>>): MonoTypeOperatorFunction<T> {
  return catchError((thrown: unknown) => {
    const way = thrown instanceof Unsettled ? ways[thrown.next] : undefined;
    return way === undefined ? throwError(() => thrown) : way();
  });
}

/**
 * A pause that begins to count when an answer is taken for the file: the body of a refusal or a redirect is read at once, or its connection would
 * wait for somebody who never reads.
 */
function pausedOnceTaken(paused: Observable<boolean>): {
  readonly paused: Observable<boolean>;
  readonly take: () => void;
} {
  const taken = new ReplaySubject<void>(1);
  return { paused: taken.pipe(switchMap(() => paused)), take: () => taken.next() };
}

/**
 * True when a 206 has a range that ends before it begins, or behind its own file: several servers answer so for files that are empty, or shorter than
 * the range.
 */
function isOfNothing({ status, headers }: HttpAnswer): boolean {
  const [, first, last, total] = /^bytes (-?\d+)-(-?\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  return status === 206 && (Number(last) < Math.max(0, Number(first)) || Number(last) >= Number(total));
}

/** True when an answer says no more than that it makes no sense of the range: the file may be shorter. */
function isSenseless(answer: HttpAnswer): boolean {
  return [416, 400, 204].includes(answer.status) || isOfNothing(answer);
}

/**
 * True when a server says that it serves parts; then a whole in place of one is no denial. Varnish, before a server that compresses, sends the whole
 * by chunks to the first who asks, and parts from then on.
 */
function claimsParts({ headers }: Pick<HttpAnswer, "headers">): boolean {
  return /\bbytes\b/i.test(headers["accept-ranges"] ?? "");
}
