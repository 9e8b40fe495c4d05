import { defer, map, merge, type Observable, type SchedulerLike } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { copyInto } from "../peers/copyInto.js";
import type { PeerOrigin } from "../peers/NamedAddress.js";
import type { ByteRange, Peer, Receiver } from "../peers/Peer.js";
import { CutPeer } from "../transfer/CutPeer.js";
import { AmpleAnswer } from "./AmpleAnswer.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import { FillingCache } from "./FillingCache.js";
import { Spans } from "./Spans.js";
import { Succession } from "./Succession.js";
import type { Yields } from "./Yields.js";

/** A mirror that has answered is asked for all of a file at once, by no more connections than each bring so much of it. */
const bytesOfConnection = 1024 * 1024;
/** Connections to one mirror at most: as many as a peer is asked for at once unless it is told otherwise. */
const mostConnections = 8;

/**
 * A mirror as a peer. When it turns out to send only whole files, that one stream is cut into what is asked for.
 *
 * The answer to the first question, which is still open (`openMirror`), is read by the request that comes to where it stands, and what it lacks of that is
 * asked for, at once where the mirror may be a cache that fills (`FillingCache`). A mirror that is asked for neighbour after neighbour, one at a time, is asked
 * for all that follows at once: see `Spans`. All other requests have connections of their own.
 */
class MirrorPeer implements Peer {
  readonly #mirror: Mirror;
  readonly #size: number;
  readonly #yields: Yields | undefined;
  readonly #cut: CutPeer;
  readonly #spans: Spans;
  readonly #cache: FillingCache;
  readonly #succession: Succession;
  readonly #ample: AmpleAnswer;
  readonly passedOver: Observable<number>;
  readonly changes: Observable<void>;
  readonly connectsEach = true;
  readonly bears: number;

  constructor(mirror: Mirror, { bears, size, clock, yields }: MirrorPeerConfig, answer?: AnsweredMirror) {
    this.#mirror = mirror;
    this.#size = size;
    this.#yields = yields;
    this.bears = bears;
    const { stream, said, askedAt = 0, answeredAt = 0 } = answer ?? {};
    const end = said?.end;
    this.#cut = new CutPeer(mirror, end === undefined ? stream : undefined);
    const ended = (): void => this.#cache.ended();
    const first = stream === undefined || end === undefined ? undefined : { stream, end, askedAt, answeredAt, ended };
    this.#spans = new Spans(mirror, first);
    this.#cache = new FillingCache(this.#spans, size, clock, first);
    this.#succession = new Succession(clock);
    this.passedOver = this.#cut.passedOver;
    this.#ample = new AmpleAnswer(mirror.hasDearRequests === true, clock);
    this.changes = merge(this.#cache.changes, this.#ample.changes);
  }

  get id(): string {
    return this.#mirror.id;
  }

  get source(): PeerOrigin {
    return this.#mirror.source ?? "link";
  }

  get ranges(): boolean {
    return this.#mirror.ranges;
  }

  get isFilling(): boolean {
    return this.ranges && this.#cache.isLikely;
  }

  get isAmple(): boolean {
    return this.ranges && this.#ample.isLikely;
  }

  request(range: ByteRange): Observable<Uint8Array> {
    return defer(() => this.#streamed(range) ?? this.#mirror.request(range));
  }

  read(range: ByteRange, to: Receiver): () => void {
    const asking = this.#succession.begin(range, to);
    const watched = this.#ample.isLikely ? this.#ample.watch(asking.receiver) : asking;
    const yielding = this.#yields?.begin(this.#mirror, watched.receiver);
    const { receiver } = yielding ?? watched;
    const streamed = this.#streamed(range, to);
    let cancel = (): void => undefined;
    let isGivenUp = false;
    const asked =
      streamed === undefined
        ? this.#mirror.read(
            range,
            failingWith(receiver, (error) => {
              // The whole that came in place of its beginning begins with what was asked for. Any other part may have brought bytes before it failed.
              const isBeginning =
                range.position === 0 && error instanceof DownloadError && error.code === "CHUNK_NOT_AVAILABLE";
              if (isBeginning && !this.ranges && !isGivenUp) cancel = copyInto(receiver, this.#cut.request(range));
              else receiver.fail(error);
            }),
          )
        : copyInto(receiver, streamed);
    return () => {
      isGivenUp = true;
      yielding?.end();
      watched.end();
      asking.end();
      asked();
      cancel();
    };
  }

  renew(): void {
    this.#cache.forget();
    this.#spans.close();
    this.#cut.renew();
  }

  /** The bytes of a range out of a stream, where there is one for it. */
  #streamed(range: ByteRange, to?: Receiver): Observable<Uint8Array> | undefined {
    if (!this.ranges) {
      this.#spans.close();
      return this.#cut.request(range);
    }
    this.#cut.close();
    const { position, length } = range;
    const along = this.#spans.along(range);
    if (along !== undefined) {
      this.#cache.reads(position);
      return along;
    }
    this.#spans.leave();
    if (position + length >= this.#size) return undefined;
    if (this.#cache.isLikely) this.#cache.goOn(position);
    else if (this.#succession.goesOn || this.#ample.isLikely) {
      const following = to?.following?.() ?? 0;
      if (following > 0) this.#spans.open(position, position + length + following);
    }
    return this.#spans.along(range);
  }
}

/** Receiver that passes everything on, but for its failure, which goes to `fail`. */
function failingWith(receiver: Receiver, fail: (error: unknown) => void): Receiver {
  return {
    room: () => receiver.room(),
    filled: (bytes) => receiver.filled(bytes),
    take: (bytes) => receiver.take(bytes),
    complete: () => receiver.complete(),
    fail,
  };
}

interface MirrorPeerConfig {
  readonly bears: number;
  /** Bytes of the file. */
  readonly size: number;
  readonly clock: SchedulerLike;
  readonly yields: Yields | undefined;
}

/** The mirrors of a file, and those that told its size themselves. */
interface KnownMirrors {
  readonly answered: readonly AnsweredMirror[];
  /** Bytes of the file. */
  readonly size: number;
  readonly clock: SchedulerLike;
  /** Where others stand by. */
  readonly yields?: Yields | undefined;
}

/** Mirrors as peers: each is always the same one. */
export function mirrorPeers(
  mirrors: Observable<readonly Mirror[]>,
  { answered, size, clock, yields }: KnownMirrors,
): Observable<readonly Peer[]> {
  const bears =
    answered.length === 0 ? 1 : Math.min(mostConnections, Math.max(1, Math.floor(size / bytesOfConnection)));
  const peers = new WeakMap<Mirror, MirrorPeer>();
  const asPeer = (mirror: Mirror): Peer => {
    const answer = answered.find((each) => each.mirror === mirror);
    const known = peers.get(mirror) ?? new MirrorPeer(mirror, { bears, size, clock, yields }, answer);
    peers.set(mirror, known);
    return known;
  };
  return mirrors.pipe(map((all) => all.map(asPeer)));
}
