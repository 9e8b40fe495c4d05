import { concat, defer, type Observable, tap } from "rxjs";
import type { ByteRange } from "../peers/Peer.js";
import { ForwardStream } from "../transfer/ForwardStream.js";
import type { Mirror } from "./Mirror.js";

/** An answer that is open. */
export interface OpenAnswer {
  readonly stream: ForwardStream;
  /** Where it ends, bytes from the start of the file. */
  readonly end: number;
  /** Called when it was read to its end. */
  readonly ended?: () => void;
}

/** Told of an answer that is opened: once, that it has begun, or that it failed before. */
export interface Onset {
  begun(): void;
  failed(): void;
}

/**
 * The open answers of one mirror that serves ranges, along which neighbouring ranges are read, so that a request is made once for many of
 * them (a span). A span is cut where its reader leaves, and goes on with whoever comes to where it stands; when something else is asked for
 * while nobody reads it, it is let go.
 *
 *     request   bytes=a-
 *     span      aaaabbbbcccc
 *     read(a)   aaaa|
 *     read(b)       bbbb|
 */
export class Spans {
  readonly #mirror: Mirror;
  #open: OpenAnswer[] = [];

  /** `running` is an answer that is open already. */
  constructor(mirror: Mirror, running?: OpenAnswer) {
    this.#mirror = mirror;
    if (running !== undefined) this.#open.push(running);
  }

  /** The bytes of a range, as far as an open answer that stands there has them, and what that lacks; `undefined` where none does. */
  along(range: ByteRange): Observable<Uint8Array> | undefined {
    const { chunk, offset, position, length } = range;
    const answer = this.#open.find(
      ({ stream, end }) => position < end && stream.standsAt(position) && !stream.isBeingRead,
    );
    if (answer === undefined) return undefined;
    const here = Math.min(length, answer.end - position);
    const isAll = position + here === answer.end;
    const read = answer.stream.read(position, here).pipe(tap({ complete: () => isAll && answer.ended?.() }));
    if (here === length) return read;
    const rest = { chunk, offset: offset + here, position: position + here, length: length - here };
    return concat(
      read,
      defer(() => this.along(rest) ?? this.#mirror.request(rest)),
    );
  }

  /** Asks for all from there to `end`. Only the first bytes are read before somebody wants them. */
  open(from: number, end: number, onset?: Onset): void {
    const { id } = this.#mirror;
    const range = { chunk: 0, offset: 0, position: from, length: end - from };
    let hasBegun = false;
    const bytes = (paused: Observable<boolean>) =>
      this.#mirror.request(range, paused).pipe(
        tap({
          next: () => {
            if (!hasBegun) onset?.begun();
            hasBegun = true;
          },
          error: () => hasBegun || onset?.failed(),
        }),
      );
    const stream = new ForwardStream({ id, from, bytes });
    this.#open.push({ stream, end });
    stream.open("rest");
  }

  /** Lets go of answers that nobody reads, or is about to. */
  leave(): void {
    const read = this.#open.filter(({ stream }) => stream.isBeingRead);
    const kept = this.#open.filter((each) => read.includes(each) || read.some(({ end }) => each.stream.standsAt(end)));
    for (const { stream } of this.#open.filter((each) => !kept.includes(each))) stream.close();
    this.#open = kept;
  }

  /** Lets go of all. */
  close(): void {
    for (const { stream } of this.#open) stream.close();
    this.#open = [];
  }
}
