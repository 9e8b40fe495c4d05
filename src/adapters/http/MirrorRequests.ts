import {
  catchError,
  concat,
  concatMap,
  defer,
  finalize,
  type Observable,
  Subject,
  takeUntil,
  tap,
  throwError,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { copyInto } from "../../peers/copyInto.js";
import type { Receiver } from "../../peers/Peer.js";
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
import { MirrorQuestion, type MirrorQuestionParts } from "./MirrorQuestion.js";
import { MirrorVersions } from "./MirrorVersions.js";
import type { PartQuestion, Question, Use } from "./Question.js";
import { withoutSecrets } from "../../protocol/parseMirror.js";
import { MirrorLocations } from "./MirrorLocations.js";
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
  readonly #versions: MirrorVersions;
  /** Told when it is certain that the mirror sends only the whole file. */
  readonly #onWhole: () => void;
  /** Where the platform has a direct lane. */
  readonly #direct: DirectParts | undefined;
  #isPrivate: boolean | undefined;

  /** @throws TypeError when the secrets in `url` cannot be sent, RangeError when a header that was given cannot. */
  constructor(id: string, url: URL, options: ResolvedHttpOptions, onWhole: () => void) {
    this.#id = id;
    this.#options = options;
    this.#onWhole = onWhole;
    this.#credentials = new Credentials(url, options.tokens, options.headers);
    this.#cookies = new Cookies(options.now);
    this.#line = options.connect({ publicOnly: options.publicOnly });
    this.locations = new MirrorLocations(withoutSecrets(url));
    this.#past = new MirrorPast(
      id,
      () => this.renew(),
      () => options.scheduler.now(),
    );
    this.#standing = new Standing(id);
    this.#versions = new MirrorVersions({
      peer: id,
      locations: this.locations,
      samples: this.samples,
      ask: (at, range) => this.#follow(at, { range, isFree: true }),
      body: (answer, length) => this.body(answer, length),
      renew: () => this.#line.renew(),
      scheduler: options.scheduler,
    });
    this.#direct = this.#directParts();
  }

  /** See `HttpPeer.isPrivate`. */
  get isPrivate(): boolean | undefined {
    return this.#isPrivate;
  }

  get areDear(): boolean {
    return this.#line.isDear ?? false;
  }

  /** Count of the answers from which bytes were read. */
  get answersRead(): number {
    return this.#standing.read;
  }

  /** See `MirrorPast`. */
  isWeaker(answer: HttpAnswer, isOfPart: boolean): boolean {
    return this.#past.isWeaker(answer, isOfPart);
  }

  /** Asks where the file was found last, and as `MirrorQuestion` says at the address that was given. */
  ask<T>(question: Question, use: Use<T>): Observable<T> {
    const asked = (): Observable<T> =>
      defer(() => {
        const asking = new MirrorQuestion(this.#parts, question.range);
        return this.#askAt(asking.address, question, use, asking).pipe(
          tap(() => asking.heard()),
          catchError((thrown: unknown) => {
            const failure = asking.failed(thrown);
            asking.left();
            return failure === undefined ? asked() : throwError(() => this.#noteWhole(failure.error));
          }),
          finalize(() => asking.left()),
        );
      });
    return asked().pipe(takeUntil(this.#closed));
  }

  /**
   * Asks for a part of the file that goes into memory: by the direct lane where that is fit for the address that is asked, see `DirectParts`, else as
   * `ask` does. The result gives the request up.
   */
  read(question: PartQuestion, use: Use<Uint8Array>, receiver: Receiver): () => void {
    if (this.#direct?.isFor(this.locations.next) === true) return this.#direct.read(question, use, receiver);
    return copyInto(receiver, this.ask(question, use));
  }

  /** The body of an answer, held to its length. */
  body({ body }: HttpAnswer, length: number | undefined): Observable<Uint8Array> {
    return defer(() => {
      this.#standing.begin();
      return body.pipe(enforceLength(this.#id, length));
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

  /** `looked` says at what was looked already because of an answer before. */
  #askAt<T>(
    start: URL,
    question: Question,
    use: Use<T>,
    asking: MirrorQuestion,
    looked: "nothing" | "tags" | "bytes" = "nothing",
  ): Observable<T> {
    const isFree = this.#isFree(question);
    return this.#follow(start, question, asking.arrived).pipe(
      concatMap((answer) => {
        asking.answered(answer);
        const again = (at: typeof looked, asked = question) =>
          defer(() => this.#askAt(new URL(answer.url), asked, use, asking, at));
        // Without a condition it tells what it has: another file, or the same, where it refuses whatever condition.
        if (answer.status === 412 && !isFree) return again(looked, { ...question, isFree: true });
        if (question.isFree === true && this.locations.hasKnownTag(answer)) this.#past.refusedCondition();
        // For a look, the connection of the answer is dropped.
        if (looked === "nothing" && this.locations.hasOtherTag(answer)) {
          return concat(this.#versions.lookedAt(answer), again("tags"));
        }
        if (looked === "bytes" || !this.locations.doubts(answer, this.samples)) {
          return use(answer, this.locations.known(answer.url));
        }
        if (this.isWeaker(answer, question.range !== undefined)) throw this.#versions.other(answer);
        return concat(this.#versions.compared(answer), again("bytes"));
      }),
    );
  }

  #isFree({ isFree = false }: Question): boolean {
    return isFree || !this.#past.isConditional;
  }

  /** The one place that hears that the mirror has no ranges; returns the error. */
  #noteWhole(error: unknown): unknown {
    if (error instanceof DownloadError && error.code === "CHUNK_NOT_AVAILABLE") this.#onWhole();
    return error;
  }

  get #parts(): MirrorQuestionParts {
    return { past: this.#past, locations: this.locations, standing: this.#standing };
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

  #follow(start: URL, question: Question, arrived: (at: URL) => void = () => undefined): Observable<HttpAnswer> {
    return follow(start, {
      peer: this.#id,
      credentials: this.#credentials,
      maxRedirects: this.#options.maxRedirects,
      scheduler: this.#options.scheduler,
      send: (url) => this.#send(url, question),
      arrived,
    });
  }

  #send(url: URL, question: Question): Observable<HttpAnswer> {
    return this.#line.send(this.#request(url, question)).pipe(
      tap((answer) => {
        this.#cookies.take(answer);
        if (this.#isPrivate !== false) this.#isPrivate = answer.isPrivate;
        if (answer.status === 206 && question.range !== undefined) this.#direct?.learn(answer);
      }),
    );
  }

  #request(url: URL, question: Question): HttpRequest {
    const { range, paused = this.#options.paused, isTransient = false } = question;
    const etag = this.#isFree(question) ? undefined : strongETag(this.locations.known(url.href).etag);
    const headers = {
      "accept-encoding": "identity",
      ...(range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` }),
      // Not If-Range: to that a changed file answers as a mirror without ranges does, with all of its bytes; to this with a 412 and none.
      ...(etag === undefined ? {} : { "if-match": etag }),
    };
    const credentials = this.#cookies.joined(this.#credentials.for(url), url);
    return { url: url.href, peer: this.#id, headers, credentials, paused, isTransient };
  }
}
