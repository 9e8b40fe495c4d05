import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Wire } from "../websocket/Dial.js";
import type { OpenCall } from "./RtcCall.js";

/** Bytes that are kept while reading is paused: two of the largest chunks. A message costs some memory beside its bytes. */
const mostKeptBytes = 128 * 1024 * 1024;
const messageBytes = 256;

/**
 * A data channel as the asking side has it. Nothing can hold a channel's sender back, so what comes while reading is paused is kept: no more than
 * what was asked for, as the protocol has it. Who sends on beyond a bound is left.
 */
export class ChannelWire implements Wire {
  readonly frames: Observable<Uint8Array>;
  readonly unfinishedBytes = 0;
  readonly #call: OpenCall;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #isPaused = false;
  #next: (frame: Uint8Array) => void = () => undefined;

  constructor(call: OpenCall, peer: string) {
    this.#call = call;
    this.frames = new Observable((subscriber) => {
      this.#next = (frame) => subscriber.next(frame);
      const closed = (): void =>
        subscriber.error(new DownloadError("CONNECTION_LOST", `${peer} closed the channel`, { peer }));
      call.channel.listen({
        message: (bytes) => {
          if (!this.#isPaused) subscriber.next(bytes);
          else if (!this.#keep(bytes)) {
            call.hangUp();
            const text = `${peer} sent more than ${mostKeptBytes} bytes while reading was paused`;
            subscriber.error(new DownloadError("CONNECTION_LOST", text, { peer }));
          }
        },
        low: () => undefined,
        closed: () => {
          this.resume();
          closed();
        },
      });
      return call.lost.subscribe((error) => subscriber.error(error));
    });
  }

  send(frame: Uint8Array): void {
    this.#call.channel.send(frame);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#passOn();
  }

  /** Keeps a frame for later; drops all when that is too much. */
  #keep(frame: Uint8Array): boolean {
    this.#kept.push(frame);
    this.#keptBytes += frame.length + messageBytes;
    if (this.#keptBytes <= mostKeptBytes) return true;
    this.#kept.length = 0;
    this.#keptBytes = 0;
    return false;
  }

  /** Kept frames, until one of them pauses the reading. */
  #passOn(): void {
    for (let frame = this.#kept.shift(); frame !== undefined; frame = this.#isPaused ? undefined : this.#kept.shift()) {
      this.#keptBytes -= frame.length + messageBytes;
      this.#next(frame);
    }
  }

  /** Says no goodbye, which channels do not have. */
  close(): void {
    this.#call.hangUp();
  }
}
