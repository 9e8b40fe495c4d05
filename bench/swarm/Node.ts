import { BehaviorSubject, merge, Observable, share, Subject, Subscription, tap, throttleTime } from "rxjs";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { download } from "../../src/download/download.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { chunkCount } from "../../src/manifest/chunks.js";
import type { ByteRange, Peer } from "../../src/peers/Peer.js";
import { hasBit, packBits } from "../../src/protocol/chunkBits.js";
import { Demand } from "../../src/seeder/Demand.js";
import type { ChunkSet } from "../../src/storage/Bitmap.js";
import { checkingSink } from "../../src/testing/checkingSink.js";
import { samplingDigest } from "../../src/testing/samplingDigest.js";
import type { SyntheticFile } from "../../src/testing/syntheticFile.js";
import { Uplink } from "../../src/testing/Uplink.js";
import type { VirtualClock } from "../../src/testing/VirtualClock.js";

/** Parts of the world that all nodes share. */
export interface World {
  readonly clock: VirtualClock;
  readonly file: SyntheticFile;
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  readonly pieceBytes: number;
}

export interface NodeOptions {
  readonly id: string;
  /** True for the one that has the file from the start. */
  readonly isOrigin?: boolean;
  /** True for one that answers with wrong bytes. */
  readonly lies?: boolean;
  /** True for a plain download, which serves nobody. */
  readonly rides?: boolean;
}

/** As a seeder does: what is there, and what is asked for, is told four times a second at most. */
const newsEveryMs = 250;
/** Bytes that are looked at of what is passed on: a lie differs in each of them. */
const sampleBytes = 1;

const nothing: ChunkSet = { count: 0, has: () => false };

/** Chunks that a node has, and that others are getting from it, as others know it. */
interface Known {
  readonly proven: ChunkSet;
  readonly asked: Uint8Array;
}

/** The line that a node receives by: pieces come one after the other. */
class Inlet {
  readonly #world: World;
  #freeAt = 0;

  constructor(world: World) {
    this.#world = world;
  }

  take(bytes: number, deliver: () => void): Subscription {
    const { clock, bytesPerSecond } = this.#world;
    this.#freeAt = Math.max(this.#freeAt, clock.now()) + (1000 * bytes) / bytesPerSecond;
    return clock.schedule(deliver, this.#freeAt - clock.now());
  }
}

/** A machine that downloads by the real `download`, and serves what that calls proved to whoever knows it. */
export class Node {
  readonly id: string;
  /** Bytes that it handed over, bytes that came, and how many pieces it handed over that were not the file's though it is no liar. */
  served = 0;
  received = 0;
  wrong = 0;
  /** When its file was whole, ms. */
  doneAt: number | undefined;
  /** When it began, ms. */
  startedAt = 0;
  failure: unknown;
  hasLeft = false;
  readonly #world: World;
  readonly #options: NodeOptions;
  readonly #sink;
  readonly #uplink: Uplink;
  readonly #inlet: Inlet;
  readonly #proved = new Subject<void>();
  readonly #demand: Demand;
  /** Emits when others are told what is here, and what is asked for. */
  readonly #told: Observable<unknown>;
  readonly #cut = new Subject<DownloadError>();
  #proven: ChunkSet = nothing;
  #known: Known = { proven: nothing, asked: new Uint8Array(0) };
  #run = Subscription.EMPTY;

  constructor(world: World, options: NodeOptions) {
    const { clock, file, bytesPerSecond } = world;
    this.id = options.id;
    this.#world = world;
    this.#options = options;
    this.#sink = checkingSink(file);
    this.#uplink = new Uplink(clock, [{ atMs: 0, bytesPerSecond }]);
    this.#inlet = new Inlet(world);
    this.#demand = new Demand(clock);
    this.#told = merge(this.#proved, this.#demand.changes).pipe(
      throttleTime(newsEveryMs, clock, { leading: true, trailing: true }),
      tap(() => {
        const asked = packBits(chunkCount(file.manifest), (chunk) => this.#demand.has(chunk));
        this.#known = { proven: this.#proven, asked };
      }),
      share(),
    );
  }

  /** Begins to download from these nodes, and goes on to serve when it is done. */
  start(others: readonly Node[], random: () => number): void {
    const { clock, file } = this.#world;
    this.startedAt = clock.now();
    const peers = new BehaviorSubject<readonly Peer[]>(others.map((node) => node.#peerFor(this)));
    const parts = {
      manifest: file.manifest,
      peers,
      sink: this.#sink,
      progress: memoryProgress(),
      digest: samplingDigest,
    };
    const onProven = (chunks: ChunkSet): void => {
      this.#proven = chunks;
      this.#proved.next();
    };
    const sharing = this.#options.rides === true ? {} : { onProven };
    this.#run = download({ ...parts, scheduler: clock, random, ...sharing }, {}).subscribe({
      error: (error: unknown) => (this.failure = error),
      complete: () => (this.doneAt = clock.now()),
    });
  }

  /** Goes away: its download stops, and who is at it hears so. */
  leave(): void {
    this.hasLeft = true;
    this.#run.unsubscribe();
    this.#cut.next(new DownloadError("CONNECTION_LOST", `${this.id} is gone`, { peer: this.id }));
  }

  /** This node as another one sees it. */
  #peerFor(other: Node): Peer {
    const { id } = this;
    const request = (range: ByteRange): Observable<Uint8Array> => this.#request(range, other);
    const shares = other.#options.rides !== true;
    const changes = new Observable<void>((subscriber) => {
      if (shares) {
        this.#demand.enter();
        subscriber.add(() => this.#demand.leave());
      }
      return this.#told.subscribe(() => subscriber.next());
    });
    const isAsked = (chunk: number): boolean => shares && hasBit(this.#known.asked, chunk);
    const peer = { id, ranges: true, changes, isAsked, request };
    if (this.#options.isOrigin === true) return peer;
    return { ...peer, isPartial: true, has: (chunk) => this.#known.proven.has(chunk) };
  }

  #has(chunk: number): boolean {
    return this.#options.isOrigin === true || this.#proven.has(chunk);
  }

  #request({ chunk, position, length }: ByteRange, other: Node): Observable<Uint8Array> {
    return new Observable<Uint8Array>((subscriber) => {
      const { clock, roundTripMs, pieceBytes } = this.#world;
      const answer = (): void => {
        if (this.hasLeft) {
          subscriber.error(refusal("CONNECTION_REFUSED", this.id));
          return;
        }
        if (!this.#has(chunk)) {
          subscriber.error(refusal("CHUNK_NOT_AVAILABLE", this.id));
          return;
        }
        let sent = 0;
        let came = 0;
        try {
          const demand = this.#demand.clients > 0 ? this.#demand : undefined;
          const ended = demand?.began(chunk, other.id, other.#options.rides !== true);
          subscriber.add(() => ended?.(sent === length));
        } catch (error) {
          subscriber.error(error);
          return;
        }
        const next = (): number => Math.min(pieceBytes, length - sent);
        const flow = this.#uplink.open(next(), () => {
          const piece = this.#piece(position + sent, next());
          sent += piece.length;
          const delivery = other.#inlet.take(piece.length, () => {
            came += piece.length;
            other.received += piece.length;
            subscriber.next(piece);
            if (came === length) subscriber.complete();
          });
          subscriber.add(delivery);
          return subscriber.closed ? 0 : next();
        });
        subscriber.add(() => this.#uplink.close(flow));
      };
      subscriber.add(clock.schedule(answer, roundTripMs));
      subscriber.add(this.#cut.subscribe((error) => subscriber.error(error)));
    });
  }

  #piece(position: number, length: number): Uint8Array {
    const { file } = this.#world;
    this.served += length;
    if (this.#options.lies === true) return file.flipped(position, length);
    const isHere = this.#options.isOrigin === true || this.doneAt !== undefined;
    // While it downloads a sample of what is on its own disk is looked at.
    if (!isHere) {
      this.#sink.read(position, sampleBytes).subscribe((bytes) => {
        if (!file.isRight(position, bytes)) this.wrong++;
      });
    }
    return file.bytes(position, length);
  }

  /** True when all of its file is right. */
  get isRight(): boolean {
    return this.#sink.rightChunks() === this.#world.file.manifest.digests.length / 32;
  }
}

function refusal(code: "CONNECTION_REFUSED" | "CHUNK_NOT_AVAILABLE", peer: string): DownloadError {
  return new DownloadError(code, `${peer} refuses`, { peer });
}
