import type { Subscriber } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ByteRange } from "../../peers/Peer.js";
import type { GetChunk } from "../../protocol/messages.js";
import type { Exchange, Reply } from "./Exchange.js";

/** A small size that a fast line was asked for by mistake may not become a flood. */
const mostMessages = 1024;

/** Asks for bytes of a chunk and passes them on, when they are the next ones. */
export class ChunkExchange implements Exchange {
  readonly #root: string;
  readonly #range: ByteRange;
  readonly #peer: string;
  readonly #subscriber: Subscriber<Uint8Array>;
  #received = 0;

  constructor(
    range: ByteRange,
    link: { readonly root: string; readonly id: string },
    subscriber: Subscriber<Uint8Array>,
  ) {
    this.#range = range;
    this.#root = link.root;
    this.#peer = link.id;
    this.#subscriber = subscriber;
  }

  get missing(): number {
    return this.#range.length - this.#received;
  }

  question(id: number, dataBytes: number): GetChunk {
    const { chunk, offset, length } = this.#range;
    const most = Math.max(dataBytes, Math.ceil(length / mostMessages));
    return { type: "get-chunk", id, root: this.#root, index: chunk, offset, length, dataBytes: most };
  }

  take(reply: Reply): boolean {
    if (reply.type === "data") {
      const next = this.#range.offset + this.#received;
      if (reply.offset !== next) throw this.#invalid(`bytes at ${reply.offset}, expected them at ${next}`);
      if (reply.bytes.length > this.missing) {
        throw this.#invalid(`${this.#received + reply.bytes.length} bytes, expected ${this.#range.length}`);
      }
      this.#received += reply.bytes.length;
      this.#subscriber.next(reply.bytes);
      return false;
    }
    if (reply.type !== "end") throw this.#invalid("a manifest");
    if (this.missing > 0) throw this.#invalid(`only ${this.#received} bytes, expected ${this.#range.length}`);
    return true;
  }

  complete(): void {
    this.#subscriber.complete();
  }

  fail(error: DownloadError): void {
    this.#subscriber.error(error);
  }

  #invalid(got: string): DownloadError {
    const { chunk } = this.#range;
    return new DownloadError("INVALID_CHUNK", `chunk ${chunk} from ${this.#peer}: it sent ${got}`, {
      chunk,
      peer: this.#peer,
    });
  }
}
