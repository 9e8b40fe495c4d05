import type { Subscriber } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { GetManifest, ManifestSlice } from "../../protocol/messages.js";
import type { Exchange, Reply } from "./Exchange.js";

/** Asks for one slice of a manifest. */
export class SliceExchange implements Exchange {
  readonly missing = 0;
  readonly #root: string;
  readonly #from: number;
  readonly #peer: string;
  readonly #subscriber: Subscriber<ManifestSlice>;

  constructor(
    from: number,
    link: { readonly root: string; readonly id: string },
    subscriber: Subscriber<ManifestSlice>,
  ) {
    this.#from = from;
    this.#root = link.root;
    this.#peer = link.id;
    this.#subscriber = subscriber;
  }

  question(id: number): GetManifest {
    return { type: "get-manifest", id, root: this.#root, from: this.#from };
  }

  take(reply: Reply): boolean {
    if (reply.type !== "manifest" || reply.root !== this.#root || reply.from !== this.#from) {
      const message = `${this.#peer} answered something else than digests from ${this.#from} of ${this.#root}`;
      throw new DownloadError("PROTOCOL_ERROR", message, { peer: this.#peer });
    }
    this.#subscriber.next(reply);
    return true;
  }

  complete(): void {
    this.#subscriber.complete();
  }

  fail(error: DownloadError): void {
    this.#subscriber.error(error);
  }
}
