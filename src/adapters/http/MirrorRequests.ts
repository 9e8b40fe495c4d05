import {
  catchError,
  concat,
  concatMap,
  defer,
  finalize,
  type Observable,
  Subject,
  takeUntil,
  takeWhile,
  tap,
  throwError,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { copyInto } from "../../peers/copyInto.js";
import type { Receiver } from "../../peers/Peer.js";
import { checkPart } from "./checkPart.js";
import { Cookies } from "./Cookies.js";
import { Credentials } from "./Credentials.js";
import { DirectParts } from "./DirectParts.js";
import { ByteSamples } from "./ByteSamples.js";
import { follow } from "./follow.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpLine } from "./HttpLine.js";
import type { HttpRequest } from "./HttpRequest.js";
import type { ResolvedHttpOptions } from "./HttpPeerOptions.js";
import { strongETag } from "../../protocol/MirrorFacts.js";
import { MirrorPast } from "./MirrorPast.js";
import type { PartQuestion, Question, Use } from "./Question.js";
import { withoutSecrets } from "../../protocol/parseMirror.js";
import { isOfThePlace, MirrorLocations } from "./MirrorLocations.js";
import { enforceLength } from "./enforceLength.js";
import { Standing } from "./Standing.js";

/** The requests of one mirror: they find their way to where its file is, and are answered from there. */
export class MirrorRequests {
  readonly locations: MirrorLocations;
  /** A few of the bytes that came so far. */
  readonly samples = new ByteSamples();
  readonly #id: string;
  readonly #options: ResolvedHttpOptions;
  readonly #credentials: Credentials;
  readonly #cookies: Cookies;
  readonly #line: HttpLine;
  readonly #closed = new Subject<never>();
  readonly #past: MirrorPast;
  readonly #standing: Standing;
  /** Where the platform has a direct lane. */
  readonly #direct: DirectParts | undefined;

  /** @throws TypeError when the secrets in `url` cannot be sent, RangeError when a header that was given cannot. */
  constructor(id: string, url: URL, options: ResolvedHttpOptions) {
    this.#id = id;
    this.#options = options;
    this.#credentials = new Credentials(url, options.tokens, options.headers);
    this.#cookies = new Cookies(options.now);
    this.#line = options.connect();
    this.locations = new MirrorLocations(withoutSecrets(url));
    this.#past = new MirrorPast(id, () => this.renew());
    this.#standing = new Standing(id);
    this.#direct = this.#directParts();
  }

  /** From how many answers bytes were read. */
  get answersRead(): number {
    return this.#standing.read;
  }

  /** See `MirrorPast`. */
  isWeaker(answer: HttpAnswer, isOfPart: boolean): boolean {
    return this.#past.isWeaker(answer, isOfPart);
  }

  /**
   * Asks where the file was found last, and if nothing comes from there, where it was found since, or the address that was given. An answer that
   * contradicts those before is `PEER_UNAVAILABLE` as long as it is not confirmed: see `Contradictions`.
   */
  ask<T>(question: Question, use: Use<T>): Observable<T> {
    const asked = (): Observable<T> =>
      defer(() => {
        const { next } = this.locations;
        const number = this.#past.ask();
        let begun = false;
        let last: HttpAnswer | undefined;
        const used: Use<T> = (answer, known) => {
          last = answer;
          return use(answer, known);
        };
        const heard = (): void => {
          if (begun) return;
          begun = true;
          if (last !== undefined) this.#past.agrees(number, last);
        };
        return this.#askAt(next, question, used, (answer) => (last = answer)).pipe(
          tap(heard),
          catchError((thrown: unknown) => {
            this.locations.forget(next);
            const error = this.#past.contradicted(thrown, last, { number, isOfPart: question.range !== undefined });
            const isElsewhere = !begun && isOfThePlace(error) && !this.locations.isGiven(next);
            this.#past.left(number);
            return isElsewhere ? asked() : throwError(() => error);
          }),
          finalize(() => this.#past.left(number)),
        );
      });
    return asked().pipe(takeUntil(this.#closed));
  }

  /** The same for a part of the file that goes into memory: by the direct lane where that is fit for the address that is asked, see `DirectParts`. */
  read(question: PartQuestion, use: Use<Uint8Array>, receiver: Receiver): () => void {
    if (this.#direct?.isFor(this.locations.next) === true) return this.#direct.read(question, use, receiver);
    return copyInto(receiver, this.ask(question, use));
  }

  /** The body of an answer, held to its length. */
  body({ body }: HttpAnswer, length: number | undefined): Observable<Uint8Array> {
    return defer(() => {
      const end = this.#standing.begin();
      return body.pipe(enforceLength(this.#id, length), finalize(end));
    });
  }

  renew(): void {
    this.locations.forget();
    this.#line.renew();
  }

  close(): void {
    const closed = new DownloadError("CONNECTION_LOST", `${this.#id}: closed by us`, { peer: this.#id });
    this.#closed.error(closed);
    this.#direct?.close(closed);
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
        const doubted = !isVouchedFor && this.locations.doubts(answer, this.samples);
        if (!doubted) return use(answer, this.locations.known(answer.url));
        if (this.isWeaker(answer, question.range !== undefined)) throw this.#other(answer);
        // Its connection is dropped for the comparison.
        return concat(
          this.#compared(answer),
          defer(() => this.#askAt(new URL(answer.url), question, use, seen, true)),
        );
      }),
    );
  }

  #directParts(): DirectParts | undefined {
    const { direct: lane } = this.#line;
    if (lane === undefined) return undefined;
    return new DirectParts({
      lane,
      locations: this.locations,
      samples: this.samples,
      past: this.#past,
      standing: this.#standing,
      request: (url, question) => this.#request(url, question),
      ordinary: (question, use, receiver) => copyInto(receiver, this.ask(question, use)),
    });
  }

  #follow(start: URL, question: Question): Observable<HttpAnswer> {
    return follow(start, {
      peer: this.#id,
      credentials: this.#credentials,
      maxRedirects: this.#options.maxRedirects,
      scheduler: this.#options.scheduler,
      send: (url) => this.#send(url, question),
      arrived: (at) => this.locations.found(at),
    });
  }

  /** Completes when the place has what came before; errors with `RESOURCE_CHANGED` when it has not, or nobody can tell. */
  #compared(answer: HttpAnswer): Observable<never> {
    const { url } = answer;
    const other = this.#other(answer);
    if (this.samples.isEmpty) return throwError(() => other);
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
    return this.samples.agrees(ask).pipe(
      concatMap((same) => {
        if (!same) throw other;
        this.locations.vouch(answer);
        return [];
      }),
    );
  }

  #other({ url }: HttpAnswer): DownloadError {
    const text = `${this.#id} has another file now, at ${this.locations.nameOf(url)}`;
    return new DownloadError("RESOURCE_CHANGED", text, { peer: this.#id });
  }

  #send(url: URL, question: Question): Observable<HttpAnswer> {
    return this.#line.send(this.#request(url, question)).pipe(
      tap((answer) => {
        this.#cookies.take(answer);
        if (answer.status === 206 && question.range !== undefined) this.#direct?.learn(answer);
      }),
      catchError((error: unknown) => throwError(() => this.#standing.crowded(error))),
    );
  }

  #request(url: URL, { range, paused = this.#options.paused }: Question): HttpRequest {
    const etag = this.#past.isConditional ? strongETag(this.locations.known(url.href).etag) : undefined;
    const headers = {
      "accept-encoding": "identity",
      ...(range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` }),
      // Not If-Range: to that a changed file answers as a mirror without ranges does, with all of its bytes; to this with a 412 and none.
      ...(etag === undefined ? {} : { "if-match": etag }),
    };
    const credentials = this.#cookies.joined(this.#credentials.for(url), url);
    return { url: url.href, peer: this.#id, headers, credentials, paused };
  }
}

/** At least `length` bytes of a body, unless it has fewer; then it is dropped. */
function beginning({ body }: HttpAnswer, length: number): Observable<Uint8Array> {
  return defer(() => {
    let left = length;
    return body.pipe(takeWhile((bytes) => (left -= bytes.length) > 0, true));
  });
}
