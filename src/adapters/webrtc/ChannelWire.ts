import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Wire } from "../websocket/Dial.js";
import { HeldReplies } from "./HeldReplies.js";
import type { OpenCall } from "./RtcCall.js";

/** A data channel as the asking side has it. Nothing can hold a channel's sender back. */
export class ChannelWire implements Wire {
  readonly frames: Observable<Uint8Array>;
  readonly unfinishedBytes = 0;
  readonly held = new HeldReplies();
  readonly #call: OpenCall;

  constructor(call: OpenCall, peer: string) {
    this.#call = call;
    this.frames = new Observable((subscriber) => {
      call.channel.listen({
        message: (bytes) => subscriber.next(bytes),
        low: () => undefined,
        closed: () => subscriber.error(new DownloadError("CONNECTION_LOST", `${peer} closed the channel`, { peer })),
      });
      return call.lost.subscribe((error) => subscriber.error(error));
    });
  }

  get isLast(): boolean {
    return this.#call.isLast;
  }

  send(frame: Uint8Array): void {
    this.#call.channel.send(frame);
  }

  pause(): void {
    // There is nothing to stop.
  }

  resume(): void {
    // Nothing was stopped.
  }

  /** Says no goodbye, which channels do not have. */
  close(): void {
    this.#call.hangUp();
  }
}
