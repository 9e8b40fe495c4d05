import type { Subscriber } from "rxjs";
import { Subject, Subscription } from "rxjs";
import type { AttemptContext } from "../../operators/attempt.js";
import { Deadline } from "../../operators/Deadline.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { copyInto } from "../peers/copyInto.js";
import type { Lease } from "../peers/LegInFlight.js";
import type { ByteRange, Peer, Receiver } from "../peers/Peer.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import type { ChunkHistory } from "./ChunkHistory.js";
import { realProgressBytes } from "./judgeFailure.js";
import type { Leg } from "./Leg.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";

/** Where bytes go that are copied or dropped; what is there is used before anybody else writes there. */
const scratch = new Uint8Array(64 * 1024);

/** The chunk of a leg, and all that the leg works with. */
export interface LegParts {
  readonly assembly: ChunkAssembly;
  readonly parts: TransferParts;
  readonly config: TransferConfig;
  readonly history: ChunkHistory;
}

/**
 * One request to one peer, and the only place where its bytes are held to their range, timed, counted and passed on: into the chunk's own
 * memory, by calls. The operators see that it began (one value) and how it ended.
 *
 * Order of an end: timers and request are gone, the pool hears of it, the history hears of it, the operators hear of it. Calls after the end are ignored.
 */
export class LegRun implements Receiver {
  readonly #parts: LegParts;
  readonly #leg: Leg;
  readonly #range: ByteRange;
  readonly #subscriber: Subscriber<void>;
  readonly #request = new Subscription();
  readonly #deadline: Deadline;
  #lease: Lease | undefined;
  #room: Uint8Array = scratch;
  #begun = false;
  #over = false;
  /** Bytes since the time for all of it began anew, those that were passed over too; of a peer that may take any time. */
  #flowed = 0;
  /** The end was told to the operators, or to the events when the operators had left. */
  #isTold = false;

  constructor(peer: Peer, context: AttemptContext<Peer>, parts: LegParts, subscriber: Subscriber<void>) {
    const { assembly, history, parts: shared } = parts;
    const { index, length, offset: position } = assembly.chunk;
    this.#parts = parts;
    this.#subscriber = subscriber;
    this.#leg = history.begin(peer, context);
    const { offset } = this.#leg;
    this.#range = { chunk: index, offset, length: length - offset, position: position + offset };
    this.#deadline = new Deadline(limitsOf(peer, this.#range.position, parts), shared.scheduler, (error) =>
      this.fail(error),
    );
  }

  start(): void {
    const { pool, paused, emit } = this.#parts.parts;
    const { peer, attempt, number, offset } = this.#leg;
    const { chunk, length } = this.#range;
    this.#subscriber.add(() => this.#cancel());
    emit({ type: "attempt-started", chunk, attempt, leg: number, peer: peer.id, offset });
    if (this.#over) return; // whoever was told has left
    this.#lease = pool.lease(peer, chunk, length);
    this.#request.add(this.#lease.cut.subscribe((error) => this.fail(error)));
    this.#request.add(
      paused.subscribe({
        next: (isPaused) => this.#deadline.pause(isPaused),
        error: (error: unknown) => this.fail(error),
      }),
    );
    if (!peer.ranges) this.#request.add(peer.passedOver?.subscribe((bytes) => this.#flows(bytes)));
    try {
      this.#deadline.start();
      this.#ask(peer);
    } catch (error) {
      this.fail(error);
    }
  }

  room(): Uint8Array {
    const { assembly } = this.#parts;
    const { offset, received } = this.#leg;
    const left = Math.max(1, this.#range.length - received);
    // Only a leg that has begun may write where the others might: of a race's legs, one at a time.
    const isNext = this.#begun && !this.#over && offset + received === assembly.frontier && !assembly.isWhole;
    this.#room = (isNext ? assembly.room() : scratch).subarray(0, left);
    return this.#room;
  }

  filled(bytes: number): void {
    const room = this.#room;
    if (room.buffer === scratch.buffer) this.take(room.subarray(0, bytes));
    else if (this.#came(bytes)) {
      this.#parts.assembly.advance(this.#leg.peer.id, bytes);
      this.#parts.history.legs.took(this.#leg, bytes, bytes);
    }
  }

  following(): number {
    return this.#parts.parts.untouchedAfter(this.#range.chunk);
  }

  take(bytes: Uint8Array): void {
    if (!this.#came(bytes.length)) return;
    const { assembly, history } = this.#parts;
    const { peer, offset, received } = this.#leg;
    history.legs.took(this.#leg, bytes.length, assembly.accept(peer.id, offset + received, bytes));
    if (this.#begun) return;
    this.#begun = true;
    this.#subscriber.next();
  }

  complete(): void {
    if (this.#over) return;
    if (this.#leg.received < this.#range.length) {
      this.fail(this.#wrongLength(this.#leg.received));
      return;
    }
    this.#end(() => this.#lease?.delivered());
    this.#isTold = true;
    this.#subscriber.complete();
  }

  fail(thrown: unknown): void {
    if (this.#over) return;
    const { error, delivered } = this.#end(() => this.#judged(thrown));
    this.#isTold = true;
    if (delivered) this.#subscriber.complete();
    else this.#subscriber.error(error);
  }

  /** The error as it counts, told to the pool, and whether the chunk came all the same. */
  #judged(thrown: unknown): { readonly error: DownloadError; readonly delivered: boolean } {
    const { history, parts } = this.#parts;
    const { id: peer } = this.#leg.peer;
    const error = parts.pool.network.judge(peer, toDownloadError(thrown, { chunk: this.#range.chunk, peer }));
    const { blame, delivered } = history.failed(this.#leg, error);
    if (blame === "excused") this.#lease?.broken(error);
    else this.#lease?.failed(error);
    return { error, delivered };
  }

  #ask(peer: Peer): void {
    if (this.#over) return;
    if (peer.read !== undefined) {
      this.#request.add(peer.read(this.#range, this));
      return;
    }
    // Before it is subscribed, so that a peer that answers at once can be stopped.
    const stop = new Subject<void>();
    this.#request.add(() => stop.next());
    copyInto(this, peer.request(this.#range), stop);
  }

  /** Takes note of bytes that came; true when they are the leg's own to bring. */
  #came(bytes: number): boolean {
    if (this.#over) return false;
    const brought = this.#leg.received + bytes;
    if (brought > this.#range.length) {
      this.fail(this.#wrongLength(brought));
      return false;
    }
    this.#deadline.heard();
    if (!this.#leg.peer.ranges) this.#flows(bytes);
    this.#lease?.received(bytes);
    return !this.#over;
  }

  #flows(bytes: number): void {
    this.#flowed += bytes;
    if (this.#flowed < realProgressBytes) return;
    this.#flowed = 0;
    this.#deadline.startAgain();
  }

  /** Cancels the request, for which nobody waits any more; perhaps because of what its own end made of the download. */
  #cancel(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    if (!this.#over) this.#end(() => this.#lease?.cancelled());
    const { peer, attempt, number: leg, received } = this.#leg;
    const { chunk } = this.#range;
    this.#parts.parts.emit({ type: "attempt-cancelled", chunk, attempt, leg, peer: peer.id, received });
  }

  #end<T>(outcome: () => T): T {
    this.#over = true;
    this.#letGo();
    const result = outcome();
    this.#parts.history.legs.ended(this.#leg);
    return result;
  }

  #letGo(): void {
    this.#deadline.stop();
    this.#request.unsubscribe();
  }

  #wrongLength(received: number): DownloadError {
    const { chunk, length } = this.#range;
    const peer = this.#leg.peer.id;
    const text = `chunk ${chunk} from ${peer} has ${received} bytes, expected ${length}`;
    return new DownloadError("INVALID_CHUNK", text, { chunk, peer });
  }
}

/** A stream that has to come to the place first may take any time, as long as it brings real progress in the time of each attempt. */
function limitsOf(peer: Peer, position: number, { parts: { pool }, config }: LegParts) {
  const { parallel, attemptTimeoutMs } = config;
  const { firstByteMs, idleMs } = pool.timeouts;
  const silence = parallel ? { firstByteMs: () => firstByteMs(peer, position), idleMs: () => idleMs(peer) } : {};
  if (peer.ranges) return { ...silence, attemptMs: attemptTimeoutMs };
  const whole = (): number => attemptTimeoutMs;
  return { firstByteMs: whole, idleMs: whole, ...silence, attemptMs: attemptTimeoutMs };
}
