import {
  catchError,
  concat,
  concatMap,
  defer,
  finalize,
  NEVER,
  type Observable,
  of,
  Subject,
  takeUntil,
  throwError,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import type { ByteRange, Peer } from "../../peers/Peer.js";
import { anyOf } from "./anyOf.js";
import { checkEncoding, checkPart } from "./checkPart.js";
import { contentLength } from "./contentLength.js";
import { parseContentRange } from "./contentRange.js";
import { Credentials } from "./Credentials.js";
import { drained } from "./drained.js";
import { checkFacts, type MirrorFacts, knownFacts } from "./MirrorFacts.js";
import { follow } from "./follow.js";
import type { HttpAnswer, HttpLine } from "./HttpLine.js";
import { type HttpPeerOptions, resolveHttpOptions, type ResolvedHttpOptions } from "./HttpPeerOptions.js";
import { type HttpProbe, probeOf } from "./HttpProbe.js";
import { isPage } from "./isPage.js";
import { parseMirror, withoutSecrets } from "./parseMirror.js";
import { promised } from "./promised.js";
import { refusal } from "./refusal.js";

/** Codes of connections that broke before an answer came. */
const broken: ReadonlySet<DownloadErrorCode> = new Set(["CONNECTION_REFUSED", "CONNECTION_RESET", "CONNECTION_LOST"]);

interface Question {
  /** The Range header; nothing asks for the whole file. */
  readonly range?: string;
  readonly hold?: Observable<boolean>;
}

/**
 * A file on one HTTP mirror. Every answer is held to what was asked for and to what is known of the file, before a byte of it is used.
 * The peer itself never tries twice and sets no limit to time. Each request has a connection of its own, so one that breaks errors one request.
 */
export class HttpPeer implements Peer {
  /** The address as it was given, without user, password and fragment. */
  readonly id: string;
  readonly #options: ResolvedHttpOptions;
  readonly #credentials: Credentials;
  readonly #line: HttpLine;
  readonly #changes = new Subject<void>();
  /** Emits when `ranges` has changed. */
  readonly changes: Observable<void> = this.#changes.asObservable();
  readonly #closed = new Subject<never>();
  #start: URL;
  #known: MirrorFacts = {};
  #ranges = true;
  /** Answers that are being read. */
  #standing = 0;

  /** @throws TypeError when `url` is none of HTTP or its secrets cannot be sent; RangeError when an option is wrong. */
  constructor(url: string, options: HttpPeerOptions) {
    const given = parseMirror(url);
    this.id = given.id;
    this.#start = withoutSecrets(given.url);
    this.#options = resolveHttpOptions(options);
    this.#credentials = new Credentials(given.url, this.#options.tokens, this.#options.headers);
    this.#line = options.connect();
  }

  /** Whether the mirror can start in the middle: true until an answer showed otherwise. */
  get ranges(): boolean {
    return this.#ranges;
  }

  /**
   * Errors with any code that a peer can cause: `RESOURCE_CHANGED` for another file, `PROTOCOL_ERROR` and `INVALID_CHUNK` for other bytes, and
   * `CHUNK_NOT_AVAILABLE` when the mirror sends the whole file instead; `ranges` is false then, and `whole` brings the file. Unsubscribing drops the
   * connection.
   */
  request(range: ByteRange): Observable<Uint8Array> {
    const { position, length } = range;
    const asked = { first: position, last: position + length - 1 };
    return this.#ask({ range: `bytes=${asked.first}-${asked.last}` }, (answer) => {
      switch (answer.status) {
        case 206:
          checkPart(this.id, answer, asked, this.#known);
          return this.#read(answer, length);
        case 200:
          this.#checkWhole(answer);
          if (position > 0 || length !== (contentLength(answer.headers) ?? this.#known.size)) throw this.#noRanges();
          return this.#read(answer, length);
        default:
          return this.#refuse(answer);
      }
    });
  }

  /**
   * The whole file, from its first byte, by a request that asks for no range. Errors as `request` does; a file whose size is not told has whatever
   * length it has. While `hold` last said `true`, nothing is read, as for the option of that name. Unsubscribing drops the connection.
   */
  whole(hold: Observable<boolean> = NEVER): Observable<Uint8Array> {
    return this.#ask({ hold: anyOf(hold, this.#options.hold) }, (answer) => {
      if (answer.status !== 200) return this.#refuse(answer);
      this.#checkWhole(answer);
      return this.#read(answer, this.#known.size ?? contentLength(answer.headers));
    });
  }

  /**
   * Asks for the first byte, since many servers refuse HEAD, and emits once what the answer tells of the file; a mirror that keeps the size to
   * itself there is asked for the whole, which is dropped when it has begun. Errors as `request` does; takes as long as the mirror does.
   * Unsubscribing drops the connection.
   */
  probe(): Observable<HttpProbe> {
    return this.#probeByte().pipe(
      concatMap((said) => (said.size === undefined && said.ranges ? this.#probeWhole(said) : of(said))),
    );
  }

  /** What the beginning of the whole tells besides, if anything. */
  #probeWhole(said: HttpProbe): Observable<HttpProbe> {
    return this.#ask({}, (answer) => {
      const size = answer.status === 200 ? contentLength(answer.headers) : undefined;
      return of(size === undefined ? said : { ...said, size });
    });
  }

  #probeByte(): Observable<HttpProbe> {
    return this.#ask({ range: "bytes=0-0" }, (answer) => {
      const { status, headers } = answer;
      if (status === 206) {
        const size = checkPart(this.id, answer, { first: 0, last: 0 }, this.#known);
        return concat(drained(answer, this.#options.scheduler), of(probeOf(answer, true, size)));
      }
      if (status === 200) {
        this.#checkWhole(answer);
        const size = contentLength(headers);
        // A file of one byte is sent whole in answer to any range.
        const ranges = this.#ranges && size !== undefined && size <= 1;
        if (!ranges) this.#noRanges();
        return of(probeOf(answer, ranges, size));
      }
      if (status === 416 && parseContentRange(headers["content-range"])?.total === 0) {
        checkFacts(this.id, answer, 0, this.#known);
        return concat(drained(answer, this.#options.scheduler), of(probeOf(answer, true, 0)));
      }
      return this.#refuse(answer);
    });
  }

  /**
   * Tells what later answers have to agree with; anything else is `RESOURCE_CHANGED`. Facts that are left out stay as they were; a
   * weak ETag says nothing.
   *
   * @throws RangeError when the size is none.
   */
  expect(facts: MirrorFacts): void {
    this.#known = { ...this.#known, ...knownFacts(facts) };
  }

  /** Later requests dial anew; those under way end on their connections. */
  renew(): void {
    this.#line.renew();
  }

  /** Drops all connections at once, and for good: requests, also later ones, end with `CONNECTION_LOST`. */
  close(): void {
    this.#closed.error(new DownloadError("CONNECTION_LOST", `${this.id}: closed by us`, { peer: this.id }));
    this.#line.close();
  }

  #ask<T>(question: Question, use: (answer: HttpAnswer) => Observable<T>): Observable<T> {
    return defer(() =>
      follow(this.#start, {
        peer: this.id,
        credentials: this.#credentials,
        maxRedirects: this.#options.maxRedirects,
        scheduler: this.#options.scheduler,
        send: (url) => this.#send(url, question),
        moved: (from, to) => {
          if (from === this.#start) this.#start = to;
        },
      }),
    ).pipe(concatMap(use), takeUntil(this.#closed));
  }

  #send(url: URL, { range, hold = this.#options.hold }: Question): Observable<HttpAnswer> {
    const { etag } = this.#known;
    const headers = {
      "accept-encoding": "identity",
      ...(range === undefined ? {} : { range }),
      // Not If-Range: to that a changed file answers as a mirror without ranges does, with all of its bytes; to this with a 412 and none.
      ...(etag === undefined ? {} : { "if-match": etag }),
    };
    const credentials = this.#credentials.for(url);
    const request = { url: url.href, peer: this.id, headers, credentials, hold };
    return this.#line.send(request).pipe(catchError((error: unknown) => throwError(() => this.#crowded(error))));
  }

  /** A mirror that serves some of our connections and lets no more in is busy, not broken. */
  #crowded(error: unknown): unknown {
    if (this.#standing === 0 || !(error instanceof DownloadError) || !broken.has(error.code)) return error;
    const text = `${this.id} takes no more than ${this.#standing} connections: ${error.message}`;
    return new DownloadError("PEER_BUSY", text, { peer: this.id, cause: error });
  }

  #read({ body }: HttpAnswer, length: number | undefined): Observable<Uint8Array> {
    return defer(() => {
      this.#standing += 1;
      return body.pipe(
        promised(this.id, length),
        finalize(() => (this.#standing -= 1)),
      );
    });
  }

  /** Holds a 200 to what is known of the file. */
  #checkWhole(answer: HttpAnswer): void {
    checkEncoding(this.id, answer);
    const size = contentLength(answer.headers);
    checkFacts(this.id, answer, size, this.#known);
    if (this.#known.size !== undefined && size === undefined && isPage(answer)) {
      const text = `${this.id} answered with a page of unknown length, expected ${this.#known.size} bytes`;
      throw new DownloadError("RESOURCE_CHANGED", text, { peer: this.id });
    }
  }

  #noRanges(): DownloadError {
    if (this.#ranges) {
      this.#ranges = false;
      this.#changes.next();
    }
    return new DownloadError("CHUNK_NOT_AVAILABLE", `${this.id} sends only the whole file`, { peer: this.id });
  }

  #refuse(answer: HttpAnswer): Observable<never> {
    if (answer.status === 416) {
      checkFacts(this.id, answer, parseContentRange(answer.headers["content-range"])?.total, this.#known);
    }
    return concat(
      drained(answer, this.#options.scheduler),
      throwError(() => refusal(this.id, answer, this.#options)),
    );
  }
}
