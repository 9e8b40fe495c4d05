import { BehaviorSubject, type Observable, Subject, Subscription } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { Door } from "../protocol/PeerExchange.js";
import { closeCodes } from "../protocol/protocol.js";
import type { ByteSource, SourceLookup } from "./ByteSource.js";
import type { Connection } from "./Connection.js";

/** The wait that is asked of clients who come before it is known what a file is, ms. */
const comeBackMs = 1000;

/** A source that may have to be closed. */
export interface SharedSource extends ByteSource {
  close(): void;
}

/**
 * The files that downloads of this process share with others, while they grow and when they are whole: downloads add to it, a seeder looks up in it. One
 * may serve any number of downloads.
 */
export class SharedFiles implements SourceLookup {
  readonly #door = new BehaviorSubject<Door | undefined>(undefined);
  /** Sources by root; of a file that is downloaded twice, to two places, the first one is served. */
  readonly #sources = new Map<string, Set<SharedSource>>();
  /** How many downloads there are of each root whose manifest is still to come. */
  readonly #expected = new Map<string, number>();

  readonly #arrivals = new Subject<Connection>();
  readonly #closed = new Subject<void>();
  readonly #changed = new Subject<string>();
  /** The root of a file whose source is another one now, or gone: a download that is paused and resumed has a new one. */
  readonly changed: Observable<string> = this.#changed.asObservable();
  /** Clients that came by another way than the port of a server, for whoever serves these files. */
  readonly arrivals: Observable<Connection> = this.#arrivals.asObservable();
  /** Emits when nothing is shared any more. */
  readonly closed: Observable<void> = this.#closed.asObservable();
  readonly #roots = new BehaviorSubject<ReadonlySet<string>>(new Set());
  /** The roots of the files that are shared now; again when these change. */
  readonly roots: Observable<ReadonlySet<string>> = this.#roots.asObservable();

  /** @throws DownloadError `PEER_BUSY` for a file that will be here, or may be. */
  get(root: string): ByteSource | undefined {
    const [source] = this.#sources.get(root) ?? [];
    if (source === undefined && this.#expected.has(root)) {
      throw new DownloadError("PEER_BUSY", `file ${root} is not here yet`, { retryAfterMs: comeBackMs });
    }
    return source;
  }

  /** The door at which these files are served; `undefined` while they are not. */
  get door(): Observable<Door | undefined> {
    return this.#door.asObservable();
  }

  /** The one IP address at which these files are served; `undefined` while they are not, and where they are at all of this machine. */
  get address(): string | undefined {
    return this.#door.value?.address;
  }

  /** Tells the downloads at which door their files are served, until unsubscribed: those that take part in peer exchange pass it on. */
  servedAt(door: Door): Subscription {
    this.#door.next(door);
    return new Subscription(() => this.#door.next(undefined));
  }

  /** Bytes of all files that are shared, were they whole. */
  get size(): number {
    return [...this.#sources.values()].reduce((sum, [source]) => sum + (source?.manifest.size ?? 0), 0);
  }

  /** Name of a file that is shared; nothing where it is not. */
  nameOf(root: string): string | undefined {
    const [source] = this.#sources.get(root) ?? [];
    return source?.manifest.name;
  }

  /** Asks clients of a file to come back, until unsubscribed. */
  expect(root: string): Subscription {
    this.#expected.set(root, (this.#expected.get(root) ?? 0) + 1);
    return new Subscription(() => {
      const left = (this.#expected.get(root) ?? 0) - 1;
      if (left > 0) this.#expected.set(root, left);
      else this.#expected.delete(root);
    });
  }

  /** Shares a file until unsubscribed, which closes the source. */
  add(source: SharedSource): Subscription {
    const { root } = source.manifest;
    const sources = this.#sources.get(root) ?? new Set();
    this.#sources.set(root, sources.add(source));
    this.#tellRoots();
    if (sources.size === 1) this.#changed.next(root);
    return new Subscription(() => {
      const [first] = sources;
      if (!sources.delete(source)) return;
      if (sources.size === 0 && this.#sources.get(root) === sources) this.#sources.delete(root);
      this.#tellRoots();
      if (first === source) this.#changed.next(root);
      source.close();
    });
  }

  /** Hands a client over to whoever serves; it is left where nobody does. */
  arrive(client: Connection): void {
    if (this.#arrivals.observed) this.#arrivals.next(client);
    else client.close(closeCodes.goingAway, "nobody serves here now");
  }

  /** Shares nothing any more. */
  close(): void {
    this.#closed.next();
    const all = [...this.#sources.values()].flatMap((sources) => [...sources]);
    const roots = [...this.#sources.keys()];
    this.#sources.clear();
    this.#tellRoots();
    for (const root of roots) this.#changed.next(root);
    for (const source of all) source.close();
  }

  #tellRoots(): void {
    const { size } = this.#roots.value;
    const isSame =
      size === this.#sources.size && [...this.#sources.keys()].every((root) => this.#roots.value.has(root));
    if (!isSame) this.#roots.next(new Set(this.#sources.keys()));
  }
}
