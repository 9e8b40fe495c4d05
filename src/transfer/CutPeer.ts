import type { Observable } from "rxjs";
import { defer, Subject } from "rxjs";
import type { ByteRange, Peer } from "../peers/Peer.js";
import { ForwardStream } from "./ForwardStream.js";

/** A place that gives a file only as a whole, from its first byte on. */
export interface WholeSource {
  readonly id: string;
  /** All bytes of the file, in order; cold, errors with `DownloadError`. While `paused` says `true` nothing is read. */
  whole(paused: Observable<boolean>): Observable<Uint8Array>;
  renew?(): void;
}

/**
 * A place that gives a file only as a whole, as a peer: its one stream is cut into the ranges that are asked for, one at a time. Chunks
 * that are asked for in their order come out of one stream, which waits between them. One that lies behind the stream begins it anew, and
 * what lies before the range is passed over: then the request emits empty pieces, to show that it lives.
 *
 *     whole          aaaabbbbcccc
 *     request(a)     aaaa|
 *     request(b)         bbbb|
 *     request(a)     aaaa|             of a new stream
 */
export class CutPeer implements Peer {
  readonly ranges = false;
  readonly #source: WholeSource;
  readonly #passedOver = new Subject<number>();
  #stream: ForwardStream | undefined;

  /** `running` is a stream that is open already. */
  constructor(source: WholeSource, running?: ForwardStream) {
    this.#source = source;
    this.#stream = running;
    if (running !== undefined) running.onPassedOver = (bytes) => this.#passedOver.next(bytes);
  }

  get id(): string {
    return this.#source.id;
  }

  readonly passedOver: Observable<number> = this.#passedOver.asObservable();

  request({ position, length }: ByteRange): Observable<Uint8Array> {
    return defer(() => {
      const stream = this.#stream?.reaches(position) === true ? this.#stream : this.#another();
      return stream.read(position, length);
    });
  }

  #another(): ForwardStream {
    this.close();
    const { id } = this.#source;
    const source = { id, bytes: (paused: Observable<boolean>) => this.#source.whole(paused) };
    return (this.#stream = new ForwardStream(source, (bytes) => this.#passedOver.next(bytes)));
  }

  renew(): void {
    this.close();
    this.#source.renew?.();
  }

  /** Lets the stream go; a request begins a new one. */
  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }
}
