import { defer, type Observable } from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import { copyInto } from "../../peers/copyInto.js";
import type { ByteRange, Peer, Receiver } from "../../peers/Peer.js";
import { CutPeer } from "../../transfer/CutPeer.js";

/** A mirror as a peer. When it turns out to send only whole files, that one stream is cut into what is asked for. */
export class MirrorPeer implements Peer {
  readonly #mirror: HttpPeer;
  readonly #cut: CutPeer;
  readonly passedOver: Observable<number>;
  readonly connectsEach = true;

  constructor(mirror: HttpPeer) {
    this.#mirror = mirror;
    this.#cut = new CutPeer(mirror);
    this.passedOver = this.#cut.passedOver;
  }

  get id(): string {
    return this.#mirror.id;
  }

  get ranges(): boolean {
    return this.#mirror.ranges;
  }

  request(range: ByteRange): Observable<Uint8Array> {
    return defer(() => (this.ranges ? this.#mirror : this.#cut).request(range));
  }

  read(range: ByteRange, receiver: Receiver): () => void {
    return this.ranges ? this.#mirror.read(range, receiver) : copyInto(receiver, this.#cut.request(range));
  }

  renew(): void {
    this.#cut.renew();
  }
}
