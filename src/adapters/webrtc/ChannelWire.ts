import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Wire } from "../websocket/Dial.js";
import type { OpenCall } from "./RtcCall.js";

/**
 * A data channel as the asking side has it. Nothing can hold a channel's sender back, so what comes while reading is paused is kept: no more than
 * what was asked for, as the protocol has it.
 */
export class ChannelWire implements Wire {
  readonly frames: Observable<Uint8Array>;
  readonly unfinishedBytes = 0;
  readonly #call: OpenCall;
  readonly #kept: Uint8Array[] = [];
  #isPaused = false;
  #next: (frame: Uint8Array) => void = () => undefined;

  constructor(call: OpenCall, peer: string) {
    this.#call = call;
    this.frames = new Observable((subscriber) => {
      this.#next = (frame) => subscriber.next(frame);
      const closed = (): void =>
        subscriber.error(new DownloadError("CONNECTION_LOST", `${peer} closed the channel`, { peer }));
      call.channel.listen({
        message: (bytes) => (this.#isPaused ? this.#kept.push(bytes) : subscriber.next(bytes)),
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

  /** Kept frames, until one of them pauses the reading. */
  #passOn(): void {
    for (let frame = this.#kept.shift(); frame !== undefined; frame = this.#isPaused ? undefined : this.#kept.shift()) {
      this.#next(frame);
    }
  }

  /** Says no goodbye, which channels do not have. */
  close(): void {
    this.#call.hangUp();
  }
}
