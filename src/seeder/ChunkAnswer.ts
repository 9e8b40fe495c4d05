import type { Subscription } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { encodeDataHead, encodeMessage } from "../protocol/codec.js";
import type { GetChunk } from "../protocol/messages.js";
import { toErrorMessage } from "../protocol/peerErrors.js";
import type { Answer, OutgoingFrame } from "./Answer.js";
import type { ByteSource } from "./ByteSource.js";
import type { ReadAhead } from "./ReadAhead.js";

/** Frames of one request that are read or being read: one goes out while the next is fetched. */
const framesAhead = 2;

export interface ChunkAnswerParts {
  readonly request: GetChunk;
  readonly source: ByteSource;
  /** Where the request starts in the file. */
  readonly position: number;
  readonly frameBytes: number;
  readonly readAhead: ReadAhead;
  /** Called when a read ended. */
  readonly onReady: () => void;
}

/** The bytes of one request, cut into data frames, then `end`; or `error` where reading failed. */
export class ChunkAnswer implements Answer {
  readonly id: number;
  finished = false;
  /** Payload bytes that were handed to the transport. */
  sent = 0;
  /** What reading died of. */
  failure: unknown;
  readonly #parts: ChunkAnswerParts;
  readonly #ready: Uint8Array[] = [];
  #read = 0;
  #taken = 0;
  #reading: { length: number; subscription?: Subscription } | undefined;

  constructor(parts: ChunkAnswerParts) {
    this.id = parts.request.id;
    this.#parts = parts;
  }

  fill(): void {
    const { request, frameBytes, readAhead } = this.#parts;
    while (this.#reading === undefined && this.#ready.length < framesAhead && this.failure === undefined) {
      const length = Math.min(frameBytes, request.length - this.#read);
      if (length === 0 || !readAhead.take(length)) return;
      this.#startRead(length);
    }
  }

  next(): OutgoingFrame | undefined {
    const bytes = this.#ready.shift();
    if (bytes !== undefined) {
      const { length } = bytes;
      const offset = this.#parts.request.offset + this.#taken;
      this.#taken += length;
      const frame = encodeDataHead({ id: this.id, offset, length });
      return { frame, payload: bytes, onSent: () => (this.sent += length) };
    }
    if (this.failure !== undefined) return this.#last(encodeMessage(toErrorMessage(this.failure, this.id)));
    if (this.#taken === this.#parts.request.length) return this.#last(encodeMessage({ type: "end", id: this.id }));
    return undefined;
  }

  dispose(): void {
    this.#reading?.subscription?.unsubscribe();
    this.#parts.readAhead.release(this.#reading?.length ?? 0);
    for (const bytes of this.#ready.splice(0)) this.#parts.readAhead.release(bytes.length);
    this.#reading = undefined;
  }

  #last(frame: Uint8Array): OutgoingFrame {
    this.finished = true;
    return { frame };
  }

  #startRead(length: number): void {
    const { source, position, readAhead, onReady } = this.#parts;
    const reading: { length: number; subscription?: Subscription } = { length };
    let bytes: Uint8Array | undefined;
    this.#reading = reading;
    const ended = (failure?: unknown) => {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      if (failure === undefined && bytes?.length === length) {
        this.#ready.push(bytes);
        this.#read += length;
      } else {
        readAhead.release(length);
        this.failure = failure ?? wrongLength(position + this.#read, length, bytes?.length ?? 0);
      }
      onReady();
    };
    // A source that throws where it should emit an error must not take the other requests with it.
    try {
      reading.subscription = source.read(position + this.#read, length).subscribe({
        next: (value) => (bytes = value),
        error: (error: unknown) => ended(error ?? wrongLength(position + this.#read, length, 0)),
        complete: () => ended(),
      });
    } catch (error) {
      ended(error);
    }
  }
}

function wrongLength(offset: number, length: number, got: number): DownloadError {
  return new DownloadError("PEER_UNAVAILABLE", `reading at ${offset} gave ${got} bytes, expected ${length}`);
}
