import { concatMap, defer, merge, NEVER, type Observable, of, type SchedulerLike, throwError, timer } from "rxjs";
import type { Mirror, MirrorAnswer } from "../discovery/Mirror.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { copyInto } from "../peers/copyInto.js";
import type { ByteRange, Receiver } from "../peers/Peer.js";

/** The fate of a question: an answer, a failure, or nothing at all. */
export type Fate = "answers" | "silent" | DownloadErrorCode;

export interface SimulatedMirrorConfig {
  readonly id: string;
  /** Bytes of its file. */
  readonly size: number;
  /** At most 1 MiB of it. */
  readonly bytes: (position: number, length: number) => Uint8Array;
  readonly ranges: boolean;
  /** Time to each answer, ms. */
  readonly latencyMs: number;
  readonly scheduler: SchedulerLike;
  /** The fate of the next question. */
  readonly fate: () => Fate;
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
    return defer(() => fated(this.#config, answer));
  }
}

/** The answer to a question after its time, unless another fate is drawn. */
export function fated<T>(
  { id, fate, latencyMs, scheduler }: Pick<SimulatedMirrorConfig, "id" | "fate" | "latencyMs" | "scheduler">,
  answer: () => Observable<T>,
): Observable<T> {
  const now = fate();
  if (now === "silent") return NEVER;
  return timer(latencyMs, scheduler).pipe(
    concatMap(() =>
      now === "answers"
        ? answer()
        : throwError(() => new DownloadError(now, `${id} fails`, { peer: id, retryAfterMs: 0 })),
    ),
  );
}
