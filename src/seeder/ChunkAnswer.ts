import { DownloadError } from "../errors/DownloadError.js";
import { encodeDataHead, encodeMessage } from "../protocol/codec.js";
import type { GetChunk } from "../protocol/messages.js";
import { toErrorMessage } from "../protocol/peerErrors.js";
import { maxDataBytes } from "../protocol/protocol.js";
import type { Answer, OutgoingFrame } from "./Answer.js";
import type { ByteSource } from "./ByteSource.js";
import type { ReadAhead, ReadEnd } from "./ReadAhead.js";
import { ReadBlock } from "./ReadBlock.js";

/** Blocks of one request that are read or being read: one goes out while the next is fetched. */
const blocksAhead = 2;
/** A read costs the same for one small frame as for several; more of them would hold the room of other requests for long. */
const framesInBlock = 16;

export interface ChunkAnswerParts {
  readonly request: GetChunk;
  readonly source: ByteSource;
  /** Where the request starts in the file. */
  readonly position: number;
  /** The most payload of one data frame, now. */
  readonly frameBytes: () => number;
  readonly readAhead: ReadAhead;
  /** Called when a read ended. */
  readonly onReady: () => void;
}

/** The bytes of one request, read in blocks and cut into data frames, then `end`; or `error` where reading failed. */
export class ChunkAnswer implements Answer {
  readonly id: number;
  finished = false;
  /** Payload bytes that were handed to the transport. */
  sent = 0;
  /** Error that reading died of. */
  failure: unknown;
  readonly #parts: ChunkAnswerParts;
  readonly #ready: ReadBlock[] = [];
  #read = 0;
  #taken = 0;
  #reading = false;
  #disposed = false;

  constructor(parts: ChunkAnswerParts) {
    this.id = parts.request.id;
    this.#parts = parts;
  }

  /** True when a read for it is under way, which may outlast it. */
  get reading(): boolean {
    return this.#reading;
  }

  fill(): void {
    const { request } = this.#parts;
    const frameBytes = this.#parts.frameBytes();
    const blockBytes = Math.max(frameBytes, Math.min(framesInBlock * frameBytes, maxDataBytes));
    while (!this.#reading && this.#ready.length < blocksAhead && this.failure === undefined) {
      const length = Math.min(blockBytes, request.length - this.#read);
      if (length === 0 || !this.#startRead(length)) return;
    }
  }

  next(): OutgoingFrame | undefined {
    const [block] = this.#ready;
    if (block !== undefined) return this.#cut(block);
    if (this.failure !== undefined) return this.#last(encodeMessage(toErrorMessage(this.failure, this.id)));
    if (this.#taken === this.#parts.request.length) return this.#last(encodeMessage({ type: "end", id: this.id }));
    return undefined;
  }

  dispose(): void {
    this.#disposed = true;
    for (const block of this.#ready.splice(0)) {
      this.#parts.readAhead.release(block.length);
      block.leave();
    }
  }

  #cut(block: ReadBlock): OutgoingFrame {
    const payload = block.cut(this.#parts.frameBytes());
    if (block.length === 0) this.#ready.shift();
    const { length } = payload;
    const offset = this.#parts.request.offset + this.#taken;
    this.#taken += length;
    const frame = encodeDataHead({ id: this.id, offset, length });
    return { frame, payload, onSent: () => (this.sent += length), onWritten: () => block.written() };
  }

  #last(frame: Uint8Array): OutgoingFrame {
    this.finished = true;
    return { frame };
  }

  #startRead(length: number): boolean {
    const { source, position, readAhead } = this.#parts;
    const at = position + this.#read;
    this.#reading = true;
    let memory: Uint8Array | undefined;
    const begun = readAhead.begin(
      length,
      () => source.read(at, length, (memory = readAhead.memory.take(length))),
      (end) => this.#ended({ at, length, memory }, end),
    );
    if (!begun) this.#reading = false;
    return begun;
  }

  #ended({ at, length, memory }: Reading, { bytes, failure }: ReadEnd): void {
    const { readAhead, onReady } = this.#parts;
    this.#reading = false;
    const isRight = failure === undefined && bytes?.length === length;
    const isUsed = isRight && bytes.buffer === memory?.buffer;
    const onFree = (): void => {
      if (memory !== undefined) readAhead.memory.give(memory);
    };
    if (!isUsed) onFree();
    if (isRight) {
      this.#read += length;
      const block = new ReadBlock(bytes, isUsed ? onFree : () => undefined);
      if (this.#disposed) block.leave();
      else this.#ready.push(block);
    } else this.failure = failure ?? wrongLength(at, length, bytes?.length ?? 0);
    if (this.#disposed || !isRight) readAhead.release(length);
    onReady();
  }
}

/** A read, and the memory that it was given. */
interface Reading {
  /** Position in the file. */
  readonly at: number;
  readonly length: number;
  readonly memory: Uint8Array | undefined;
}

function wrongLength(offset: number, length: number, got: number): DownloadError {
  return new DownloadError("PEER_UNAVAILABLE", `reading at ${offset} gave ${got} bytes, expected ${length}`);
}
