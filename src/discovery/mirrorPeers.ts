import { defer, map, type Observable } from "rxjs";
import { copyInto } from "../peers/copyInto.js";
import type { ByteRange, Peer, Receiver } from "../peers/Peer.js";
import { CutPeer } from "../transfer/CutPeer.js";
import type { Mirror } from "./Mirror.js";

/** A mirror as a peer. When it turns out to send only whole files, that one stream is cut into what is asked for. */
class MirrorPeer implements Peer {
  readonly #mirror: Mirror;
  readonly #cut: CutPeer;
  readonly passedOver: Observable<number>;
  readonly connectsEach = true;

  constructor(mirror: Mirror) {
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

/** Mirrors as peers: each is always the same one. */
export function mirrorPeers(mirrors: Observable<readonly Mirror[]>): Observable<readonly Peer[]> {
  const peers = new WeakMap<Mirror, MirrorPeer>();
  const asPeer = (mirror: Mirror): Peer => {
    const known = peers.get(mirror) ?? new MirrorPeer(mirror);
    peers.set(mirror, known);
    return known;
  };
  return mirrors.pipe(map((all) => all.map(asPeer)));
}
