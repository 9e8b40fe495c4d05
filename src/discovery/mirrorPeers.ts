import { concat, defer, map, type Observable } from "rxjs";
import { copyInto } from "../peers/copyInto.js";
import type { ByteRange, Peer, Receiver } from "../peers/Peer.js";
import { CutPeer } from "../transfer/CutPeer.js";
import type { ForwardStream } from "../transfer/ForwardStream.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";

/** A mirror that has answered is asked for all of a file at once, by no more connections than each bring so much of it. */
const bytesOfConnection = 1024 * 1024;
/** As many as a peer is asked for at once unless it is told otherwise. */
const mostConnections = 8;

/**
 * A mirror as a peer. When it turns out to send only whole files, that one stream is cut into what is asked for.
 *
 * The answer to the first question, which is still open (`openMirror`), is read by the request that comes to where it stands, and what it lacks
 * of that is asked for; all others have connections of their own. The answer is let go when something else is asked for while nobody reads it.
 */
class MirrorPeer implements Peer {
  readonly #mirror: Mirror;
  readonly #cut: CutPeer;
  #running: ForwardStream | undefined;
  /** Where that answer ends. */
  readonly #end: number;
  readonly passedOver: Observable<number>;
  readonly connectsEach = true;
  readonly bears: number;

  constructor(mirror: Mirror, bears: number, answer?: AnsweredMirror) {
    this.#mirror = mirror;
    this.bears = bears;
    this.#running = answer?.stream;
    this.#end = answer?.said.end ?? Infinity;
    this.#cut = new CutPeer(mirror, this.#end === Infinity ? answer?.stream : undefined);
    this.passedOver = this.#cut.passedOver;
  }

  get id(): string {
    return this.#mirror.id;
  }

  get ranges(): boolean {
    return this.#mirror.ranges;
  }

  request(range: ByteRange): Observable<Uint8Array> {
    return defer(() => this.#streamed(range) ?? this.#mirror.request(range));
  }

  read(range: ByteRange, receiver: Receiver): () => void {
    const streamed = this.#streamed(range);
    return streamed === undefined ? this.#mirror.read(range, receiver) : copyInto(receiver, streamed);
  }

  renew(): void {
    this.#letGo();
    this.#cut.renew();
  }

  /** The bytes of a range out of a stream, where there is one for it. */
  #streamed(range: ByteRange): Observable<Uint8Array> | undefined {
    if (!this.ranges) {
      this.#letGo();
      return this.#cut.request(range);
    }
    const running = this.#running;
    if (running === undefined || running.isBeingRead) return undefined;
    if (!running.standsAt(range.position)) {
      this.#letGo();
      return undefined;
    }
    const { chunk, offset, position, length } = range;
    const here = Math.min(length, this.#end - position);
    const rest = { chunk, offset: offset + here, position: position + here, length: length - here };
    const read = running.read(position, here);
    return rest.length === 0 ? read : concat(read, this.#mirror.request(rest));
  }

  #letGo(): void {
    if (this.#end !== Infinity) this.#running?.close();
    this.#running = undefined;
    if (this.ranges) this.#cut.close();
  }
}

/** The mirrors of a file whose size they told themselves. */
interface AnsweredMirrors {
  readonly answered: readonly AnsweredMirror[];
  /** Bytes of the file. */
  readonly size: number;
}

/** Mirrors as peers: each is always the same one. */
export function mirrorPeers(
  mirrors: Observable<readonly Mirror[]>,
  { answered, size }: AnsweredMirrors = { answered: [], size: 0 },
): Observable<readonly Peer[]> {
  const bears = Math.min(mostConnections, Math.max(1, Math.floor(size / bytesOfConnection)));
  const peers = new WeakMap<Mirror, MirrorPeer>();
  const asPeer = (mirror: Mirror): Peer => {
    const answer = answered.find((each) => each.mirror === mirror);
    const known = peers.get(mirror) ?? new MirrorPeer(mirror, bears, answer);
    peers.set(mirror, known);
    return known;
  };
  return mirrors.pipe(map((all) => all.map(asPeer)));
}
