import { Observable, type SchedulerLike, Subject } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { closeCodes } from "../../protocol/protocol.js";
import type { Connection } from "../../seeder/Connection.js";
import { lowWaterBytes } from "./RtcEngine.js";
import type { OpenCall } from "./RtcCall.js";

/** Bytes that may wait in a channel before sending pauses. */
const highWaterBytes = 2 * lowWaterBytes;
/** The host of all clients of whom no address is known: they are one to whoever shares by hosts, because one machine can have any number of channels. */
const unknownHost = "rtc";
/** The time in which a client may read why it is left, ms: closing a channel drops what is on its way. */
const lastWordsMs = 1000;

/** A client of a seeder, over a data channel. */
export class ChannelConnection implements Connection {
  readonly address: string;
  readonly host: string;
  readonly frames: Observable<Uint8Array>;
  readonly #call: OpenCall;
  readonly #scheduler: SchedulerLike;
  readonly #low = new Subject<void>();
  #message = new Uint8Array(0);
  #isClosed = false;

  constructor(call: OpenCall, { address, scheduler }: { readonly address: string; readonly scheduler: SchedulerLike }) {
    this.address = address;
    this.host = call.channel.machine ?? unknownHost;
    this.#call = call;
    this.#scheduler = scheduler;
    this.frames = new Observable((subscriber) => {
      const gone = (): void => {
        this.#isClosed = true;
        call.hangUp();
        subscriber.complete();
      };
      call.channel.listen({
        message: (bytes) => subscriber.next(bytes),
        low: () => this.#low.next(),
        closed: gone,
      });
      return call.lost.subscribe(gone);
    });
  }

  get isLast(): boolean {
    return this.#call.isLast;
  }

  /** Completes at once while little waits to be sent, otherwise when that has become less. */
  send(frame: Uint8Array, payload?: Uint8Array, onWritten?: () => void): Observable<never> {
    return new Observable((subscriber) => {
      const { channel } = this.#call;
      if (this.#isClosed) {
        subscriber.error(new DownloadError("CONNECTION_LOST", `${this.address}: the channel is closed`));
        return;
      }
      channel.send(payload === undefined ? frame : this.#joined(frame, payload));
      onWritten?.();
      if (channel.buffered <= highWaterBytes) {
        subscriber.complete();
        return;
      }
      return this.#low.subscribe(() => {
        if (channel.buffered <= highWaterBytes) subscriber.complete();
      });
    });
  }

  close(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (code === closeCodes.goingAway) this.#call.hangUp();
    else this.#scheduler.schedule(() => this.#call.hangUp(), lastWordsMs);
  }

  /** One message of both, in memory that the next one has, too: new memory for each costs more than the copy. */
  #joined(frame: Uint8Array, payload: Uint8Array): Uint8Array {
    const length = frame.length + payload.length;
    if (this.#message.length < length) this.#message = new Uint8Array(length);
    this.#message.set(frame);
    this.#message.set(payload, frame.length);
    return this.#message.subarray(0, length);
  }
}
