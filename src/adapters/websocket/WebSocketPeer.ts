import type { Address } from "../../protocol/Address.js";
import { defer, EMPTY, expand, finalize, last, map, Observable, Subject, throttleTime } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Sha256 } from "../../manifest/Hasher.js";
import type { Manifest } from "../../manifest/Manifest.js";
import type { PeerOrigin } from "../../peers/NamedAddress.js";
import type { ByteRange, Peer } from "../../peers/Peer.js";
import { countBits, hasBit } from "../../protocol/chunkBits.js";
import type { Asked, Have, ManifestSlice } from "../../protocol/messages.js";
import { ChunkExchange } from "./ChunkExchange.js";
import type { Exchange } from "./Exchange.js";
import { findToken } from "../../protocol/findToken.js";
import { ManifestAssembly } from "./ManifestAssembly.js";
import { PeerConnection } from "./PeerConnection.js";
import { parsePeerLink, type PeerLink } from "../../protocol/PeerLink.js";
import { resolvePeerOptions, type ResolvedPeerOptions, type WebSocketPeerOptions } from "./PeerOptions.js";
import { SliceExchange } from "./SliceExchange.js";

/** Time between two changes that are told: each has everybody looked at who might be asked next, ms. */
const newsMs = 200;

/**
 * A file on one seeder. All requests share one connection, which the first one dials; after a drop, which errors all of them
 * with the same `DownloadError`, the next request dials again. The peer itself never tries twice.
 */
export class WebSocketPeer implements Peer {
  readonly id: string;
  readonly ranges = true;
  readonly link: PeerLink;
  readonly #options: ResolvedPeerOptions;
  readonly #changes = new Subject<void>();
  /** Emits when `has` or `isAsked` answers differently, a few times a second at most, however often the peer says so. */
  readonly changes: Observable<void>;
  readonly #passedOver = new Subject<number>();
  readonly passedOver: Observable<number> = this.#passedOver.asObservable();
  #connection: PeerConnection | undefined;
  #have: Have | undefined;
  #asked: Uint8Array | undefined;
  #withdrawn = false;
  #isOwn = false;
  /** The slices of a manifest that broke off. */
  #begun: ManifestAssembly | undefined;

  /** @throws TypeError when the link is none or its token cannot be sent; RangeError when an option is wrong. */
  constructor(link: Address | PeerLink, options: WebSocketPeerOptions) {
    this.link = typeof link === "string" || link instanceof URL ? parsePeerLink(link) : link;
    this.id = this.link.id;
    this.#options = resolvePeerOptions(options);
    findToken(this.#options.tokens, this.link);
    const { scheduler } = this.#options;
    this.changes = this.#changes.pipe(throttleTime(newsMs, scheduler, { leading: true, trailing: true }));
  }

  get source(): PeerOrigin {
    return this.#options.source;
  }

  /** Errors with any code that a peer can cause. Unsubscribing cancels the request; the connection stays for others. */
  request(range: ByteRange): Observable<Uint8Array> {
    return new Observable((subscriber) => this.#start(new ChunkExchange(range, this.link, subscriber)));
  }

  /**
   * The manifest of the file, fetched in slices and checked against the root of the link. A fault of it is a
   * `PROTOCOL_ERROR` of this peer. `heard` is called for each slice. Unsubscribing cancels; what came is kept for the next call.
   */
  manifest(sha256: Sha256, heard: () => void = () => undefined): Observable<Manifest> {
    return defer(() => {
      const assembly = this.#begun ?? new ManifestAssembly(this.id, this.#options);
      // Nobody else adds to it meanwhile.
      this.#begun = undefined;
      return this.#slice(assembly.next).pipe(
        expand((slice) => {
          const whole = assembly.add(slice);
          heard();
          return whole ? EMPTY : this.#slice(assembly.next);
        }),
        last(),
        map(() => assembly.finish(this.link.root, sha256)),
        finalize(() => {
          if (!assembly.isOver) this.#begun = assembly;
        }),
      );
    });
  }

  /** Until the peer said what it has, it may have everything. */
  has(chunk: number): boolean {
    if (this.#have === undefined || "whole" in this.#have) return true;
    return hasBit(this.#have.chunks, chunk);
  }

  /** True when it said that others ask it for the chunk. */
  isAsked(chunk: number): boolean {
    return this.#asked !== undefined && hasBit(this.#asked, chunk);
  }

  /** True when it said that it lacks some. */
  get isPartial(): boolean {
    return this.#have !== undefined && "chunks" in this.#have;
  }

  get held(): number | undefined {
    return this.#have !== undefined && "chunks" in this.#have ? countBits(this.#have.chunks) : undefined;
  }

  /** True when it turned out to be this download itself. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  /** Dials, without a request; completes when the peer has said hello. Errors with any code that a peer can cause. */
  greet(): Observable<never> {
    return defer(() => {
      if (this.#withdrawn) throw this.#closedByUs();
      return this.#connected(({ greeted }) => greeted);
    });
  }

  /** The next request dials; the connection that stands ends with the requests that are on it. */
  renew(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.retire();
  }

  /** Drops the connection at once, and for good: requests, also later ones, end with `CONNECTION_LOST`. */
  close(): void {
    this.#withdrawn = true;
    this.#connection?.close("closed by us");
  }

  #slice(from: number): Observable<ManifestSlice> {
    return new Observable((subscriber) => this.#start(new SliceExchange(from, this.link, subscriber)));
  }

  #start(exchange: Exchange): (() => void) | undefined {
    if (this.#withdrawn) {
      exchange.fail(this.#closedByUs());
      return undefined;
    }
    return this.#connected((connection) => connection.start(exchange));
  }

  /** Uses the connection; a new one is dialled after that. */
  #connected<T>(use: (connection: PeerConnection) => T): T {
    if (this.#connection !== undefined) return use(this.#connection);
    const connection = new PeerConnection(this.link, this.#options, {
      onHave: (have) => this.#learn(have),
      onAsked: ({ chunks }: Asked) => {
        this.#asked = new Uint8Array(chunks);
        this.#changes.next();
      },
      onOwn: () => (this.#isOwn = true),
      onPassedOver: (bytes) => this.#passedOver.next(bytes),
      onClosed: () => {
        if (this.#connection === connection) this.#connection = undefined;
        this.#forget();
      },
    });
    this.#connection = connection;
    const used = use(connection);
    connection.open();
    return used;
  }

  #closedByUs(): DownloadError {
    return new DownloadError("CONNECTION_LOST", `${this.id}: closed by us`, { peer: this.id });
  }

  #learn(have: Have): void {
    const before = this.#have;
    // A view would keep its whole frame alive.
    this.#have = "chunks" in have ? { ...have, chunks: new Uint8Array(have.chunks) } : have;
    if (!sameChunks(before, this.#have)) this.#changes.next();
  }

  /** Drops what a seeder said of others, and of itself where it was partial, because it tells of no changes any more: the next request finds out. */
  #forget(): void {
    const isPartial = this.#have !== undefined && "chunks" in this.#have;
    if (!isPartial && this.#asked === undefined) return;
    if (isPartial) this.#have = undefined;
    this.#asked = undefined;
    this.#changes.next();
  }
}

function sameChunks(before: Have | undefined, now: Have): boolean {
  if (before === undefined || "whole" in before) return "whole" in now;
  if ("whole" in now) return false;
  const { chunks } = now;
  return chunks.length === before.chunks.length && before.chunks.every((byte, at) => byte === chunks[at]);
}
