import type { Subscriber } from "rxjs";
import { BehaviorSubject, Observable, Subject, takeUntil } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";

/** One answer of a place that has the file. */
export interface StreamSource {
  readonly id: string;
  /** Where its first byte lies in the file. @default 0 */
  readonly from?: number;
  /**
   * The bytes of the answer, in order; cold, errors with `DownloadError`. While `paused` says `true` nothing is read: what comes meanwhile
   * stays with the sender. A piece has to be good only until the next one comes.
   */
  bytes(paused: Observable<boolean>): Observable<Uint8Array>;
}

interface Reader {
  readonly subscriber: Subscriber<Uint8Array>;
  readonly from: number;
  readonly to: number;
}

/** Bytes that may be on their way while the stream is paused; more of them, unasked, and the stream is let go. */
const mostUnread = 4 * 1024 * 1024;

/** One long answer that is read range by range, forwards. Between two readers it is paused. */
export class ForwardStream {
  readonly #source: StreamSource;
  /** Called with the number of bytes that are passed over. */
  onPassedOver: (bytes: number) => void;
  readonly #paused = new BehaviorSubject(false);
  readonly #closed = new Subject<never>();
  #begun = false;
  /** Bytes that came and that nobody has asked for yet. */
  #unread: Uint8Array[] = [];
  /** Where the first unread byte lies in the file. */
  #at: number;
  #reader: Reader | undefined;
  /** How it ended, for whoever reads on. */
  #ending: ((subscriber: Subscriber<Uint8Array>) => void) | undefined;

  constructor(source: StreamSource, onPassedOver: (bytes: number) => void = () => undefined) {
    this.#source = source;
    this.#at = source.from ?? 0;
    this.onPassedOver = onPassedOver;
  }

  /** Asks for it now, and leaves what comes with the sender until somebody reads: all of it, or all but its first bytes. */
  open(unread: "all" | "rest" = "all"): void {
    this.#paused.next(unread === "all");
    this.#begin();
  }

  /** True when the next byte is the one at this position of the file. */
  standsAt(position: number): boolean {
    return this.#at === position && this.reaches(position);
  }

  /** Where the first byte lies that nobody has read. */
  get at(): number {
    return this.#at;
  }

  get isBeingRead(): boolean {
    return this.#reader !== undefined;
  }

  /** True when the byte at this position of the file is still to come. */
  reaches(position: number): boolean {
    return this.#at <= position && (this.#ending === undefined || this.#at + this.#unreadBytes > position);
  }

  /**
   * The bytes from `position` on, with an empty piece for each that is passed over before; unsubscribing pauses the stream. There is one reader:
   * the one before errors with `CONNECTION_LOST`.
   */
  read(position: number, length: number): Observable<Uint8Array> {
    return new Observable((subscriber) => {
      const reader = { subscriber, from: position, to: position + length };
      const before = this.#reader;
      this.#reader = reader;
      before?.subscriber.error(this.#closedByUs());
      this.#begin();
      this.#paused.next(false);
      this.#feed();
      return () => {
        if (this.#reader !== reader) return;
        this.#reader = undefined;
        this.#paused.next(true);
      };
    });
  }

  /** Lets it go; whoever reads errors with `CONNECTION_LOST`. */
  close(): void {
    this.#unread = [];
    this.#closed.error(this.#closedByUs());
  }

  #closedByUs(): DownloadError {
    const { id } = this.#source;
    return new DownloadError("CONNECTION_LOST", `${id}: closed by us`, { peer: id });
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true; // at once: a source that answers at once has a next reader before it has returned
    this.#source
      .bytes(this.#paused)
      .pipe(takeUntil(this.#closed))
      .subscribe({
        next: (bytes) => {
          this.#unread.push(bytes);
          if (this.#reader === undefined && !this.#paused.value) this.#paused.next(true);
          this.#feed();
          this.#keepLast();
        },
        error: (error: unknown) => this.#end((subscriber) => subscriber.error(error)),
        complete: () => this.#end((subscriber) => subscriber.complete()),
      });
  }

  /** Gives the reader what is its own, and passes over what lies before. */
  #feed(): void {
    while (this.#reader !== undefined) {
      const { subscriber, from, to } = this.#reader;
      if (this.#at >= to) {
        this.#reader = undefined;
        this.#paused.next(true);
        subscriber.complete();
        return;
      }
      const bytes = this.#unread.shift();
      if (bytes === undefined) break;
      const used = bytes.subarray(0, to - this.#at);
      const mine = used.subarray(Math.min(used.length, Math.max(0, from - this.#at)));
      if (used.length < bytes.length) this.#unread.unshift(bytes.subarray(used.length));
      this.#at += used.length;
      if (mine.length < used.length) this.onPassedOver(used.length - mine.length);
      subscriber.next(mine);
    }
    if (this.#reader === undefined && this.#unreadBytes > mostUnread) this.close();
    this.#tellEnd();
  }

  /** The rest of the piece that came last, if nobody has taken it, gets memory of its own. */
  #keepLast(): void {
    const rest = this.#unread.pop();
    if (rest !== undefined) this.#unread.push(new Uint8Array(rest));
  }

  #end(ending: (subscriber: Subscriber<Uint8Array>) => void): void {
    this.#ending = ending;
    this.#tellEnd();
  }

  /** The end is for whoever has read all that came before it. */
  #tellEnd(): void {
    if (this.#ending === undefined || this.#reader === undefined || this.#unread.length > 0) return;
    const { subscriber } = this.#reader;
    this.#reader = undefined;
    this.#ending(subscriber);
  }

  get #unreadBytes(): number {
    return this.#unread.reduce((sum, { length }) => sum + length, 0);
  }
}
