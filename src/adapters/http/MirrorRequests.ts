import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  type Observable,
  Subject,
  takeUntil,
  takeWhile,
  tap,
  throwError,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { copyInto } from "../../peers/copyInto.js";
import type { Receiver } from "../../peers/Peer.js";
import { describeShape, isWeaker, type PastShape, shapeOf } from "./AnswerShape.js";
import { type AskedRange, checkPart } from "./checkPart.js";
import { Contradictions } from "./Contradictions.js";
import { Credentials } from "./Credentials.js";
import { Evidence } from "./Evidence.js";
import { follow } from "./follow.js";
import { type AnswerHead, UnusualAnswer } from "./DirectLane.js";
import { DirectReading } from "./DirectReading.js";
import { contentLength } from "./contentLength.js";
import type { HttpAnswer, HttpLine, HttpRequest } from "./HttpLine.js";
import type { ResolvedHttpOptions } from "./HttpPeerOptions.js";
import { type MirrorFacts, strongETag } from "./MirrorFacts.js";
import { withoutSecrets } from "./parseMirror.js";
import { Places } from "./Places.js";
import { promised } from "./promised.js";

/** Codes of connections that broke before an answer came. */
const broken: ReadonlySet<DownloadErrorCode> = new Set(["CONNECTION_REFUSED", "CONNECTION_RESET", "CONNECTION_LOST"]);
/** What ails a place, and need not ail the next one that the mirror redirects to. */
const ofThePlace: ReadonlySet<DownloadErrorCode> = new Set([
  ...broken,
  "HOST_NOT_FOUND",
  "PEER_UNAVAILABLE",
  "PEER_REJECTED",
  "FILE_NOT_FOUND",
  "AUTH_FAILED",
]);

export interface Question {
  /** Nothing asks for the whole file. */
  readonly range?: AskedRange;
  readonly hold?: Observable<boolean>;
}

interface PartQuestion extends Question {
  readonly range: AskedRange;
}

/** What is done with an answer, and with what it has to agree. */
export type Use<T> = (answer: HttpAnswer, known: MirrorFacts) => Observable<T>;

/** The requests of one mirror: they find their way to where its file is, and are answered from there. */
export class MirrorRequests {
  readonly places: Places;
  /** What came so far, a little of it. */
  readonly evidence = new Evidence();
  readonly #contradictions: Contradictions;
  /** What the answers of which something was used were like. */
  #past: PastShape | undefined;
  /** Whether it is asked for a file on the condition that it is still the same. */
  #conditional = true;
  readonly #id: string;
  readonly #options: ResolvedHttpOptions;
  readonly #credentials: Credentials;
  readonly #line: HttpLine;
  readonly #closed = new Subject<never>();
  readonly #readings = new Set<DirectReading>();
  /** Answers that are being read. */
  #standing = 0;
  /** Whether the mirror is one for the direct lane; not known before its first part. */
  #isOrdinary: boolean | undefined;
  #read = 0;

  /** @throws TypeError when the secrets in `url` cannot be sent, RangeError when a header that was given cannot. */
  constructor(id: string, url: URL, options: ResolvedHttpOptions) {
    this.#id = id;
    this.#options = options;
    this.#credentials = new Credentials(url, options.tokens, options.headers);
    this.#line = options.connect();
    this.places = new Places(withoutSecrets(url));
    this.#contradictions = new Contradictions(id, () => this.renew());
  }

  /** From how many answers bytes were read. */
  get answersRead(): number {
    return this.#read;
  }

  /** Whether an answer, to a question for a part or for the whole, can be no more than what stands in front of the file for a time. */
  isWeaker(answer: HttpAnswer, isOfPart: boolean): boolean {
    if (this.#past === undefined) return false;
    return isWeaker(shapeOf(answer), { ...this.#past, ranges: this.#past.ranges && isOfPart });
  }

  /**
   * Asks where the file was found last, and if nothing comes from there, where it was found since, or the address that was given. What contradicts
   * the answers before is `PEER_UNAVAILABLE` as long as it is not confirmed: see `Contradictions`.
   */
  ask<T>(question: Question, use: Use<T>): Observable<T> {
    const asked = (): Observable<T> =>
      defer(() => {
        const { next } = this.places;
        const number = this.#contradictions.ask();
        let begun = false;
        let last: HttpAnswer | undefined;
        const used: Use<T> = (answer, known) => {
          last = answer;
          return use(answer, known);
        };
        const heard = (): void => {
          if (begun) return;
          begun = true;
          if (last !== undefined) this.#agrees(number, last);
        };
        return this.#askAt(next, question, used, (answer) => (last = answer)).pipe(
          tap(heard),
          catchError((thrown: unknown) => {
            this.places.forget(next);
            const error = this.#contradicted(thrown, last, { number, isOfPart: question.range !== undefined });
            const isElsewhere = !begun && isOfThePlace(error) && !this.places.isGiven(next);
            return isElsewhere ? asked() : throwError(() => error);
          }),
        );
      });
    return asked().pipe(takeUntil(this.#closed));
  }

  /**
   * The same for a part of the file that goes into memory: by the direct lane, if there is one and the mirror has shown itself ordinary. What is unusual in an
   * answer ends that for good, and is asked for again in the ordinary way; nothing of it was used.
   */
  read(question: PartQuestion, use: Use<Uint8Array>, receiver: Receiver): () => void {
    const { direct } = this.#line;
    if (direct === undefined || this.#isOrdinary !== true) return copyInto(receiver, this.ask(question, use));
    const { next } = this.places;
    const number = this.#contradictions.ask();
    let answer: HttpAnswer | undefined;
    let giveUp: (() => void) | undefined;
    const reading = new DirectReading(receiver, {
      begun: (bytes) => {
        if (answer !== undefined) this.#agrees(number, answer);
        this.evidence.keepOne(question.range.first, bytes);
      },
      ended: (hasAnswered) => {
        if (hasAnswered) this.#standing -= 1;
        this.#readings.delete(reading);
      },
      failed: (thrown, hasBegun) => {
        const error = this.#contradicted(thrown, answer, { number, isOfPart: true });
        if (error instanceof UnusualAnswer) this.#isOrdinary = false;
        else this.places.forget(next);
        const isElsewhere = !hasBegun && isOfThePlace(error) && !this.places.isGiven(next);
        if (isElsewhere || error instanceof UnusualAnswer) giveUp = copyInto(receiver, this.ask(question, use));
        else receiver.fail(hasBegun ? error : this.#crowded(error));
      },
    });
    this.#readings.add(reading);
    const accept = (head: AnswerHead): number => {
      answer = { ...head, body: EMPTY };
      const length = this.#accepted(answer, use);
      reading.hasAnswered = true;
      this.#standing += 1;
      this.#read += 1;
      return length;
    };
    const sent = direct.read({ ...this.#request(next, question), accept }, reading);
    giveUp ??= () => {
      reading.giveUp();
      sent();
    };
    return () => giveUp?.();
  }

  /** How many bytes of an answer of the direct lane are to be read; throws what is wrong with it. */
  #accepted(answer: HttpAnswer, use: Use<Uint8Array>): number {
    const { status, headers, url } = answer;
    const length = contentLength(headers);
    const isUsual =
      status >= 400 || (status === 206 && length !== undefined && headers["transfer-encoding"] === undefined);
    if (!isUsual || this.places.doubts(answer, this.evidence)) throw new UnusualAnswer(`HTTP ${status}`);
    let wrong: unknown;
    try {
      const used = use(answer, this.places.known(url));
      if (status !== 206) used.subscribe({ error: (error: unknown) => (wrong = error) });
    } catch (cause) {
      // What contradicts is asked for again.
      throw new UnusualAnswer(`HTTP ${status}`, { cause });
    }
    if (wrong !== undefined) throw wrong;
    return length ?? 0;
  }

  /** The body of an answer, held to its length. */
  body({ body }: HttpAnswer, length: number | undefined): Observable<Uint8Array> {
    return defer(() => {
      this.#standing += 1;
      this.#read += 1;
      return body.pipe(
        promised(this.#id, length),
        finalize(() => (this.#standing -= 1)),
      );
    });
  }

  renew(): void {
    this.places.forget();
    this.#line.renew();
  }

  close(): void {
    const closed = new DownloadError("CONNECTION_LOST", `${this.#id}: closed by us`, { peer: this.#id });
    this.#isOrdinary = false;
    this.#closed.error(closed);
    for (const reading of [...this.#readings]) reading.fail(closed);
    this.#line.close();
  }

  #askAt<T>(
    start: URL,
    question: Question,
    use: Use<T>,
    seen: (answer: HttpAnswer) => void,
    isVouchedFor = false,
  ): Observable<T> {
    return this.#follow(start, question).pipe(
      concatMap((answer) => {
        seen(answer);
        const doubted = !isVouchedFor && this.places.doubts(answer, this.evidence);
        if (!doubted) return use(answer, this.places.known(answer.url));
        if (this.isWeaker(answer, question.range !== undefined)) throw this.#other(answer);
        // Its connection is dropped for the comparison.
        return concat(
          this.#compared(answer),
          defer(() => this.#askAt(new URL(answer.url), question, use, seen, true)),
        );
      }),
    );
  }

  /** An answer of which something is used: later ones are held to it. */
  #agrees(question: number, answer: HttpAnswer): void {
    const { ranges, size, type } = shapeOf(answer);
    const { ranges: hadRanges = false, isSized = false } = this.#past ?? {};
    this.#past = { ranges: ranges || hadRanges, isSized: isSized || size !== undefined, type };
    this.#contradictions.settle(question);
  }

  /** What is said of another file by a mirror that has shown one before. */
  #contradicted(
    thrown: unknown,
    answer: HttpAnswer | undefined,
    { number, isOfPart }: { readonly number: number; readonly isOfPart: boolean },
  ): unknown {
    const isOther = thrown instanceof DownloadError && thrown.code === "RESOURCE_CHANGED";
    if (!isOther || answer === undefined || this.#past === undefined) return thrown;
    // A server that refuses whatever condition says nothing of the file: without one it tells what it has.
    if (answer.status === 412) this.#conditional = false;
    const isWeak = answer.status === 200 && this.isWeaker(answer, isOfPart);
    const text = isWeak
      ? `${this.#id} answered with ${describeShape(shapeOf(answer))} in place of its file`
      : `${thrown.message}; it is asked again`;
    return this.#contradictions.raise(number, { text, isStrong: !isWeak, cause: thrown });
  }

  #follow(start: URL, question: Question): Observable<HttpAnswer> {
    return follow(start, {
      peer: this.#id,
      credentials: this.#credentials,
      maxRedirects: this.#options.maxRedirects,
      scheduler: this.#options.scheduler,
      send: (url) => this.#send(url, question),
      arrived: (at) => this.places.found(at),
    });
  }

  /** Completes when the place has what came before; errors with `RESOURCE_CHANGED` when it has not, or nobody can tell. */
  #compared(answer: HttpAnswer): Observable<never> {
    const { url } = answer;
    const other = this.#other(answer);
    if (this.evidence.isEmpty) return throwError(() => other);
    const ask = (position: number, length: number): Observable<Uint8Array> => {
      const asked = { first: position, last: position + length - 1 };
      return this.#follow(new URL(url), { range: asked }).pipe(
        concatMap((part) => {
          // The beginning of a whole is as good as a part that begins there.
          if (part.status === 200 && position === 0) return beginning(part, length);
          if (part.status !== 206) throw other;
          checkPart(this.#id, part, asked, {});
          return this.body(part, length);
        }),
      );
    };
    return this.evidence.agrees(ask).pipe(
      concatMap((same) => {
        if (!same) throw other;
        this.places.vouch(answer);
        return [];
      }),
    );
  }

  #other({ url }: HttpAnswer): DownloadError {
    const text = `${this.#id} has another file now, at ${this.places.nameOf(url)}`;
    return new DownloadError("RESOURCE_CHANGED", text, { peer: this.#id });
  }

  #send(url: URL, question: Question): Observable<HttpAnswer> {
    return this.#line.send(this.#request(url, question)).pipe(
      tap(({ status, isDirect = false }) => {
        if (status === 206 && question.range !== undefined) this.#isOrdinary ??= isDirect;
      }),
      catchError((error: unknown) => throwError(() => this.#crowded(error))),
    );
  }

  #request(url: URL, { range, hold = this.#options.hold }: Question): HttpRequest {
    const etag = this.#conditional ? strongETag(this.places.known(url.href).etag) : undefined;
    const headers = {
      "accept-encoding": "identity",
      ...(range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` }),
      // Not If-Range: to that a changed file answers as a mirror without ranges does, with all of its bytes; to this with a 412 and none.
      ...(etag === undefined ? {} : { "if-match": etag }),
    };
    const credentials = this.#credentials.for(url);
    return { url: url.href, peer: this.#id, headers, credentials, hold };
  }

  /** A mirror that serves some of our connections and lets no more in is busy, not broken. */
  #crowded(error: unknown): unknown {
    if (this.#standing === 0 || !(error instanceof DownloadError) || !broken.has(error.code)) return error;
    const text = `${this.#id} takes no more than ${this.#standing} connections: ${error.message}`;
    return new DownloadError("PEER_BUSY", text, { peer: this.#id, cause: error });
  }
}

function isOfThePlace(error: unknown): boolean {
  return error instanceof DownloadError && ofThePlace.has(error.code);
}

/** At least `length` bytes of a body, unless it has fewer; then it is dropped. */
function beginning({ body }: HttpAnswer, length: number): Observable<Uint8Array> {
  return defer(() => {
    let left = length;
    return body.pipe(takeWhile((bytes) => (left -= bytes.length) > 0, true));
  });
}
