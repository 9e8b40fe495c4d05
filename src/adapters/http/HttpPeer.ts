import { type Address, addressText } from "../../protocol/Address.js";
import { concat, NEVER, type Observable, Subject, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { PeerOrigin } from "../../peers/NamedAddress.js";
import type { ByteRange, Receiver } from "../../peers/Peer.js";
import { anyOf } from "./anyOf.js";
import { checkCoding } from "./checkCoding.js";
import { type AskedRange, checkPart } from "./checkPart.js";
import { contentLength } from "./contentLength.js";
import { parseContentRange } from "./contentRange.js";
import { drained } from "./drained.js";
import { FirstQuestions } from "./FirstQuestions.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import { type HttpPeerOptions, resolveHttpOptions, type ResolvedHttpOptions } from "./HttpPeerOptions.js";
import type { Mirror, MirrorAnswer } from "../../discovery/Mirror.js";
import { isPage } from "./isPage.js";
import type { MirrorFacts } from "../../protocol/MirrorFacts.js";
import { checkFacts, isVouchedFor } from "./checkFacts.js";
import { MirrorRequests } from "./MirrorRequests.js";
import { parseMirror } from "../../protocol/parseMirror.js";
import type { Use } from "./Question.js";
import { refusal } from "./refusal.js";

/**
 * A file on one HTTP mirror. Every answer is held to what was asked for and to what is known of the file, before a byte of it is used. The peer itself never
 * tries twice and sets no limit to time. Requests that run side by side have connections of their own, so one that breaks errors one request.
 */
export class HttpPeer implements Mirror {
  /** The address as it was given, without user, password and fragment. */
  readonly id: string;
  readonly #options: ResolvedHttpOptions;
  readonly #requests: MirrorRequests;
  readonly #first: FirstQuestions;
  readonly #changes = new Subject<void>();
  readonly connectsEach = true;
  /** Emits when `ranges` has changed. */
  readonly changes: Observable<void> = this.#changes.asObservable();
  #ranges = true;

  /** @throws TypeError when `url` is none of HTTP or its secrets cannot be sent; RangeError when an option is wrong. */
  constructor(url: Address, options: HttpPeerOptions) {
    const given = parseMirror(addressText(url));
    this.id = given.id;
    this.#options = resolveHttpOptions(options);
    this.#requests = new MirrorRequests(this.id, given.url, this.#options, () => this.#noRanges());
    this.#first = new FirstQuestions(this.id, this.#options, this.#requests, {
      checkWhole: (answer, known, isOfPart) => this.#checkWhole(answer, known, isOfPart),
      refuse: (answer, known) => this.#refuse(answer, known),
      noRanges: () => this.#noRanges(),
      mayRange: () => this.#ranges,
    });
  }

  get source(): PeerOrigin {
    return this.#options.source;
  }

  /** True when the mirror can start in the middle, and until an answer has shown that it cannot. */
  get ranges(): boolean {
    return this.#ranges;
  }

  /**
   * True when all that answered in the ordinary way, redirects too, are of this machine or of a private network; unknown before the first answer, behind a
   * proxy, and where the platform does not tell.
   */
  get isPrivate(): boolean | undefined {
    return this.#requests.isPrivate;
  }

  get hasDearRequests(): boolean {
    return this.#requests.areDear;
  }

  /** Count of the answers from which bytes were read so far. */
  get answersRead(): number {
    return this.#requests.answersRead;
  }

  /**
   * Errors with any code that a peer can cause: `RESOURCE_CHANGED` for another file, `PROTOCOL_ERROR` and `INVALID_CHUNK` for other bytes, and
   * `CHUNK_NOT_AVAILABLE` when the mirror sends the whole file instead; `MirrorRequests` tells of that, `ranges` is false then, and `whole` brings the file.
   * Unsubscribing drops the connection. While `paused` last said `true`, nothing is read, as for the option of that name; with `paused` a piece is good until
   * the next one comes.
   */
  request(range: ByteRange, paused?: Observable<boolean>): Observable<Uint8Array> {
    const both = paused && { paused: anyOf(paused, this.#options.paused), isTransient: true };
    return this.#requests.ask({ range: askedOf(range), ...both }, this.#part(range));
  }

  /**
   * The request of `request`, read into the receiver's memory, past everything that a mirror does not need which has shown itself to be ordinary.
   * Fails with the same codes; the result gives the request up.
   */
  read(range: ByteRange, receiver: Receiver): () => void {
    return this.#requests.read({ range: askedOf(range), isTransient: true }, this.#part(range), receiver);
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
          if (position > 0 || length !== (contentLength(answer.headers) ?? known.size)) throw this.#wholeOnly();
          return this.#requests.body(answer, length).pipe(this.#requests.samples.keep(position));
        default:
          return this.#refuse(answer, known);
      }
    };
  }

  /**
   * The whole file, from its first byte, by a request that asks for no range. Errors as `request` does; a file whose size is not told has whatever
   * length it has. While `paused` last said `true`, nothing is read, as for the option of that name; with `paused` a piece is good until the next one
   * comes. Unsubscribing drops the connection.
   */
  whole(paused?: Observable<boolean>): Observable<Uint8Array> {
    const both = anyOf(paused ?? NEVER, this.#options.paused);
    return this.#requests.ask({ paused: both, isTransient: paused !== undefined }, (answer, known) => {
      if (answer.status !== 200) return this.#refuse(answer, known);
      this.#checkWhole(answer, known, false);
      const length = known.size ?? contentLength(answer.headers);
      return this.#requests.body(answer, length).pipe(this.#requests.samples.keep(0));
    });
  }

  /** See `FirstQuestions`. */
  begin(paused: Observable<boolean>): Observable<MirrorAnswer | Uint8Array> {
    return this.#first.begin(paused);
  }

  /** See `FirstQuestions`. */
  probe(): Observable<MirrorAnswer> {
    return this.#first.probe();
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
    const size = contentLength(answer.headers);
    checkCoding(this.id, answer, { size, known: known.size });
    checkFacts(this.id, answer, size, known);
    if (known.size === undefined || size !== undefined) return;
    if (isPage(answer) || (this.#requests.isWeaker(answer, isOfPart) && !isVouchedFor(answer, known))) {
      const text = `${this.id} answered with a body of unknown length, expected ${known.size} bytes`;
      throw new DownloadError("RESOURCE_CHANGED", text, { peer: this.id });
    }
  }

  #noRanges(): void {
    if (!this.#ranges) return;
    this.#ranges = false;
    this.#changes.next();
  }

  #wholeOnly(): DownloadError {
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
