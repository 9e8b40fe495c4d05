import { defer, EMPTY, type Observable, of } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";

/**
 * Use of a sink that keeps the bytes itself: one at a time, from `open` to `finish` or `close`, for a file of one size. All errors are `LOCAL_IO` and
 * begin with the name of the sink.
 */
export class SinkUse {
  readonly #sink: string;
  #size: number | undefined;
  /** Where the last write ended. */
  #last = 0;

  constructor(sink: string) {
    this.#sink = sink;
  }

  /** Takes the sink into use and emits what is `found` in it then. Errors where it is in use. */
  open<T>(size: number, found: () => T): Observable<T> {
    return defer(() => {
      if (this.#size !== undefined) throw this.refusal("it is in use already");
      const all = found();
      this.#last = 0;
      this.#size = size;
      return of(all);
    });
  }

  /** Emits the result of the work. Errors where the sink is not in use. */
  whenOpen<T>(work: () => T): Observable<T> {
    return defer(() => {
      if (this.#size === undefined) throw this.refusal("it is not open");
      return of(work());
    });
  }

  /**
   * Makes room for `length` bytes from `offset` on; to be called for each write.
   *
   * @throws DownloadError where they are not in the file.
   */
  writes(offset: number, length: number): void {
    const size = this.#size ?? 0;
    if (offset < 0 || offset + length > size) {
      throw this.refusal(`it has room for ${size} bytes, got ${length} for offset ${offset}`);
    }
    this.#last = offset + length;
  }

  /**
   * Bytes of the whole file, of which there are those before `end`: up to the last write where nobody knew how many.
   *
   * @throws DownloadError where some are missing.
   */
  whole(end: number): number {
    const wanted = this.#size === Infinity ? this.#last : (this.#size ?? 0);
    if (end < wanted) throw this.refusal(`it has ${end} bytes, expected ${wanted}: it is not whole`);
    return wanted;
  }

  /** Ends the use. */
  end(): void {
    this.#size = undefined;
  }

  /** Ends the use; may be called again. */
  close(): Observable<never> {
    return defer(() => {
      this.end();
      return EMPTY;
    });
  }

  refusal(reason: string): DownloadError {
    return new DownloadError("LOCAL_IO", `${this.#sink}: ${reason}`);
  }
}
