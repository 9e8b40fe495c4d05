import {
  catchError,
  concat,
  concatMap,
  filter,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  tap,
  throwError,
  timer,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ByteRange, Receiver } from "../../peers/Peer.js";
import { anyOf } from "./anyOf.js";
import { type AskedRange, checkBeginning, checkEncoding, checkPart } from "./checkPart.js";
import { contentLength } from "./contentLength.js";
import { parseContentRange } from "./contentRange.js";
import { drained } from "./drained.js";
import type { HttpAnswer } from "./HttpLine.js";
import { type HttpPeerOptions, resolveHttpOptions, type ResolvedHttpOptions } from "./HttpPeerOptions.js";
import type { Mirror, MirrorAnswer } from "../../discovery/Mirror.js";
import { probeOf } from "./probeOf.js";
import { isPage } from "./isPage.js";
import type { MirrorFacts } from "../../protocol/MirrorFacts.js";
import { checkFacts, isVouchedFor } from "./checkFacts.js";
import { MirrorRequests, type Use } from "./MirrorRequests.js";
import { parseMirror } from "../../protocol/parseMirror.js";
import { refusal } from "./refusal.js";

/** The first question: as much as most files have in their first chunk, since more of it would be on its way before anybody could stop it. */
const beginning: AskedRange = { first: 0, last: 256 * 1024 - 1 };

/** How long a mirror has to show that it serves ranges, as it says beside a whole, ms. */
const confirmMs = 2000;

/** Not the first byte alone: busybox httpd, s3rver, sirv and vite take an end of 0 for none, and send all. */
const probed: AskedRange = { first: 0, last: 1 };

/**
 * A file on one HTTP mirror. Every answer is held to what was asked for and to what is known of the file, before a byte of it is used.
 * The peer itself never tries twice and sets no limit to time. Each request has a connection of its own, so one that breaks errors one request.
 */
export class HttpPeer implements Mirror {
  /** The address as it was given, without user, password and fragment. */
  readonly id: string;
  readonly #options: ResolvedHttpOptions;
  readonly #requests: MirrorRequests;
  readonly #changes = new Subject<void>();
  readonly connectsEach = true;
  /** Emits when `ranges` has changed. */
  readonly changes: Observable<void> = this.#changes.asObservable();
  #ranges = true;

  /** @throws TypeError when `url` is none of HTTP or its secrets cannot be sent; RangeError when an option is wrong. */
  constructor(url: string, options: HttpPeerOptions) {
    const given = parseMirror(url);
    this.id = given.id;
    this.#options = resolveHttpOptions(options);
    this.#requests = new MirrorRequests(this.id, given.url, this.#options);
  }

  /** Whether the mirror can start in the middle: true until an answer showed otherwise. */
  get ranges(): boolean {
    return this.#ranges;
  }

  /** From how many answers bytes were read so far. */
  get answersRead(): number {
    return this.#requests.answersRead;
  }

  /**
   * Errors with any code that a peer can cause: `RESOURCE_CHANGED` for another file, `PROTOCOL_ERROR` and `INVALID_CHUNK` for other bytes, and
   * `CHUNK_NOT_AVAILABLE` when the mirror sends the whole file instead; `ranges` is false then, and `whole` brings the file. Unsubscribing drops the
   * connection.
   */
  request(range: ByteRange): Observable<Uint8Array> {
    return this.#requests.ask({ range: askedOf(range) }, this.#part(range));
  }

  /** The same into memory that is given, past everything that a mirror does not need which has shown itself to be ordinary. */
  read(range: ByteRange, receiver: Receiver): () => void {
    return this.#requests.read({ range: askedOf(range) }, this.#part(range), receiver);
  }

  #part(range: ByteRange): Use<Uint8Array> {
    const { position, length } = range;
    return (answer, known) => {
      switch (answer.status) {
        case 206:
          checkPart(this.id, answer, askedOf(range), known);
          return this.#requests.body(answer, length).pipe(this.#requests.samples.keep(position));
        case 200:
          this.#checkWhole(answer, known, true);
          if (position > 0 || length !== (contentLength(answer.headers) ?? known.size)) throw this.#noRanges();
          return this.#requests.body(answer, length).pipe(this.#requests.samples.keep(position));
        default:
          return this.#refuse(answer, known);
      }
    };
  }

  /**
   * The whole file, from its first byte, by a request that asks for no range. Errors as `request` does; a file whose size is not told has whatever
   * length it has. While `hold` last said `true`, nothing is read, as for the option of that name. Unsubscribing drops the connection.
   */
  whole(hold: Observable<boolean> = NEVER): Observable<Uint8Array> {
    return this.#requests.ask({ hold: anyOf(hold, this.#options.hold) }, (answer, known) => {
      if (answer.status !== 200) return this.#refuse(answer, known);
      this.#checkWhole(answer, known, false);
      const length = known.size ?? contentLength(answer.headers);
      return this.#requests.body(answer, length).pipe(this.#requests.samples.keep(0));
    });
  }

  /**
   * Asks for the beginning of the file; emits what the answer tells of it, then its bytes, none of which is read while `hold` last said
   * `true`. An answer that makes no sense of that question, as several do for an empty file, is followed by one that asks for no range. Errors
   * as `request` does; takes as long as the mirror does. Unsubscribing drops the connection.
   */
  begin(hold: Observable<boolean>): Observable<MirrorAnswer | Uint8Array> {
    const question = { range: beginning, hold: anyOf(hold, this.#options.hold) };
    return this.#requests.ask(question, (answer, known): Observable<MirrorAnswer | Uint8Array> => {
      // Always subscribed at once: it is held, and its connection would be dropped without a reader.
      const body = (length: number | undefined) =>
        this.#requests.body(answer, length).pipe(this.#requests.samples.keep(0));
      if (answer.status === 206 && !isOfNothing(answer)) {
        const { last, total } = checkBeginning(this.id, answer, known);
        const said = { ...this.#said(answer, known, { ranges: true, size: total }), end: last + 1 };
        return merge(said.size === undefined ? this.#probeWhole(said) : of(said), body(last + 1));
      }
      if (answer.status === 200) {
        this.#checkWhole(answer, known, true);
        const size = contentLength(answer.headers);
        const said = this.#said(answer, known, { ranges: false, size });
        return merge(this.#confirmed(said, answer), body(known.size ?? size));
      }
      return isSenseless(answer) ? this.#beginWhole(answer, hold) : this.#refuse(answer, known);
    });
  }

  /** Whether a mirror that sends the whole, but says that it serves ranges, does. */
  #confirmed(said: MirrorAnswer, { headers }: HttpAnswer): Observable<MirrorAnswer> {
    const isDenied = !/\bbytes\b/i.test(headers["accept-ranges"] ?? "");
    if (isDenied) this.#noRanges();
    if (isDenied || (said.size ?? Infinity) <= beginning.last + 1) return of(said);
    // A server that takes one connection has none for this.
    const late = timer(confirmMs, this.#options.scheduler).pipe(map(() => said));
    return merge(this.#probeStart(), late).pipe(
      take(1),
      catchError(() => of(said)),
      tap(({ ranges }) => ranges || this.#noRanges()),
    );
  }

  /** The same by a question for the whole, in place of an answer that told nothing. */
  #beginWhole(answer: HttpAnswer, hold: Observable<boolean>): Observable<MirrorAnswer | Uint8Array> {
    const question = { hold: anyOf(hold, this.#options.hold) };
    return concat(
      drained(answer, this.#options.scheduler),
      this.#requests.ask(question, (whole, known): Observable<MirrorAnswer | Uint8Array> => {
        if (whole.status !== 200) return this.#refuse(whole, known);
        this.#checkWhole(whole, known, false);
        const size = contentLength(whole.headers);
        if (size !== 0) this.#noRanges();
        const said = this.#said(whole, known, { ranges: size === 0, size });
        return concat(of(said), this.#requests.body(whole, known.size ?? size).pipe(this.#requests.samples.keep(0)));
      }),
    );
  }

  /**
   * Asks for the first two bytes, since many servers refuse HEAD, and emits once what the answer tells of the file; a mirror that keeps the size to
   * itself there, and of which none is expected, is asked for the whole, which is dropped when it has begun. Errors as `request` does; takes as long as the mirror does.
   * Unsubscribing drops the connection.
   */
  probe(): Observable<MirrorAnswer> {
    return this.#probeStart().pipe(
      concatMap((said) => (said.size === undefined && said.ranges ? this.#probeWhole(said) : of(said))),
    );
  }

  /** The same with what the beginning of the whole tells besides, if anything. */
  #probeWhole(said: MirrorAnswer): Observable<MirrorAnswer> {
    return this.#requests
      .ask({}, (answer) => {
        const size = answer.status === 200 ? contentLength(answer.headers) : undefined;
        return of(size === undefined ? said : { ...said, size });
      })
      .pipe(catchError(() => of(said)));
  }

  #probeStart(): Observable<MirrorAnswer> {
    return this.#requests.ask({ range: probed }, (answer, known) => {
      const { status, headers } = answer;
      const said = (ranges: boolean, size: number | undefined) => this.#said(answer, known, { ranges, size });
      if (status === 206 && !isOfNothing(answer)) {
        const total = parseContentRange(headers["content-range"])?.total ?? Infinity;
        const size = checkPart(this.id, answer, { first: 0, last: Math.min(probed.last, total - 1) }, known);
        return concat(drained(answer, this.#options.scheduler), of(said(true, size)));
      }
      if (status === 200) {
        this.#checkWhole(answer, known, true);
        const size = contentLength(headers);
        // A file that the range covers is sent whole by some.
        const ranges = this.#ranges && size !== undefined && size <= probed.last + 1;
        if (!ranges) this.#noRanges();
        return of(said(ranges, size));
      }
      if (!isSenseless(answer)) return this.#refuse(answer, known);
      return this.#beginWhole(answer, NEVER).pipe(
        filter((told): told is MirrorAnswer => !(told instanceof Uint8Array)),
        take(1),
      );
    });
  }

  #said(
    answer: HttpAnswer,
    known: MirrorFacts,
    { ranges, size = known.size }: { readonly ranges: boolean; readonly size: number | undefined },
  ): MirrorAnswer {
    const place = this.#requests.locations.nameOf(answer.url);
    return probeOf(answer, { ranges, size, ...(place === this.id ? {} : { place }) });
  }

  /**
   * Tells what later answers have to agree with; anything else is `RESOURCE_CHANGED`. Facts that are left out stay as they were. Validators are
   * those of one place, which is where the file was found last unless it is named: answers of another place, or with another weak ETag, are
   * compared by a few of their bytes instead.
   *
   * @throws RangeError when the size is none.
   */
  expect(facts: MirrorFacts & Pick<MirrorAnswer, "place">): void {
    this.#requests.locations.expect(facts);
  }

  /** Later requests dial anew, at the address that was given; those under way end on their connections. */
  renew(): void {
    this.#requests.renew();
  }

  /** Drops all connections at once, and for good: requests, also later ones, end with `CONNECTION_LOST`. */
  close(): void {
    this.#requests.close();
  }

  /** Holds a 200 to what is known of the file. */
  #checkWhole(answer: HttpAnswer, known: MirrorFacts, isOfPart: boolean): void {
    checkEncoding(this.id, answer);
    const size = contentLength(answer.headers);
    checkFacts(this.id, answer, size, known);
    if (known.size === undefined || size !== undefined) return;
    if (isPage(answer) || (this.#requests.isWeaker(answer, isOfPart) && !isVouchedFor(answer, known))) {
      const text = `${this.id} answered with a body of unknown length, expected ${known.size} bytes`;
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

  #refuse(answer: HttpAnswer, known: MirrorFacts): Observable<never> {
    if (answer.status === 416) {
      checkFacts(this.id, answer, parseContentRange(answer.headers["content-range"])?.total, known);
    }
    return concat(
      drained(answer, this.#options.scheduler),
      throwError(() => refusal(this.id, answer, this.#options)),
    );
  }
}

function askedOf({ position, length }: ByteRange): AskedRange {
  return { first: position, last: position + length - 1 };
}

/** Whether a 206 has a range that ends before it begins, or behind its own file: several answer so for files that are empty, or shorter than the range. */
function isOfNothing({ status, headers }: HttpAnswer): boolean {
  const [, first, last, total] = /^bytes (\d+)-(-?\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  return status === 206 && (Number(last) < Number(first) || Number(last) >= Number(total));
}

/** Whether an answer says no more than that it makes no sense of the range: the file may be shorter. */
function isSenseless(answer: HttpAnswer): boolean {
  return [416, 400, 204].includes(answer.status) || isOfNothing(answer);
}
