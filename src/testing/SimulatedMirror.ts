import {
  concatMap,
  defer,
  finalize,
  merge,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  tap,
  throwError,
  timer,
} from "rxjs";
import type { Mirror, MirrorAnswer } from "../discovery/Mirror.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { copyInto } from "../peers/copyInto.js";
import type { ByteRange, Receiver } from "../peers/Peer.js";

/** The fate of a question: an answer, a failure with this code, or silence. */
export type QuestionFate = "answers" | "silent" | DownloadErrorCode;

/** A question that is under way. */
export interface OpenQuestion {
  readonly fate: QuestionFate;
  /** Told when its fate is known to whoever asked. */
  readonly heard: () => void;
  /** Told when it has ended or was dropped. */
  readonly over: () => void;
}

export interface SimulatedMirrorConfig {
  readonly id: string;
  /** Bytes of its file. */
  readonly size: number;
  /** Bytes of the file, at most 1 MiB at a time. */
  readonly bytes: (position: number, length: number) => Uint8Array;
  readonly ranges: boolean;
  /** Time to each answer, ms. */
  readonly latencyMs: number;
  readonly scheduler: SchedulerLike;
  /** Told of each question as it begins. */
  readonly ask: () => OpenQuestion;
}

/** A mirror in virtual time, with as much of its file as discovery asks for. */
export class SimulatedMirror implements Mirror {
  readonly #config: SimulatedMirrorConfig;
  readonly answersRead = 0;

  constructor(config: SimulatedMirrorConfig) {
    this.#config = config;
  }

  get id(): string {
    return this.#config.id;
  }

  get ranges(): boolean {
    return this.#config.ranges;
  }

  get #said(): MirrorAnswer {
    const { size, ranges } = this.#config;
    return { size, ranges, name: "file.bin" };
  }

  probe(): Observable<MirrorAnswer> {
    return this.#asked(() => of(this.#said));
  }

  begin(): Observable<MirrorAnswer | Uint8Array> {
    const { bytes, size } = this.#config;
    const end = Math.min(size, 256 * 1024);
    return this.#asked(() => merge(of({ ...this.#said, end }), NEVER, of(bytes(0, end))));
  }

  whole(): Observable<Uint8Array> {
    const { bytes, size } = this.#config;
    return this.#asked(() => of(bytes(0, Math.min(size, 1024 * 1024))));
  }

  request({ position, length }: ByteRange): Observable<Uint8Array> {
    return this.#asked(() => of(this.#config.bytes(position, length)));
  }

  read(range: ByteRange, receiver: Receiver): () => void {
    return copyInto(receiver, this.request(range));
  }

  expect(): void {
    // The answers of a simulated mirror do not change.
  }

  #asked<T>(answer: () => Observable<T>): Observable<T> {
    return fated(this.#config, answer);
  }
}

/** The answer to a question after its time, unless its fate is another. */
export function fated<T>(
  { id, ask, latencyMs, scheduler }: Omit<SimulatedMirrorConfig, "size" | "bytes" | "ranges">,
  answer: () => Observable<T>,
): Observable<T> {
  return defer(() => {
    const { fate, heard, over } = ask();
    if (fate === "silent") return NEVER.pipe(finalize(over));
    return timer(latencyMs, scheduler).pipe(
      tap(heard),
      concatMap(() =>
        fate === "answers"
          ? answer()
          : throwError(() => new DownloadError(fate, `${id} fails`, { peer: id, retryAfterMs: 0 })),
      ),
      finalize(over),
    );
  });
}
