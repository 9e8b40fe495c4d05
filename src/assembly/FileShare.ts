import { EMPTY, type Observable, ReplaySubject, Subscription, take } from "rxjs";
import type { DownloadParts } from "../download/DownloadConfig.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { FileFacts, Manifest } from "../manifest/Manifest.js";
import { manifestIn } from "../manifest/manifestIn.js";
import { manifestRoot } from "../manifest/root.js";
import { type ProvenBytes, ProvenSource } from "../seeder/ProvenSource.js";
import type { SharedFiles } from "../seeder/SharedFiles.js";

/**
 * The file of one run of a download, as others can have it:
 *
 *     expected     clients are asked to come back          from the start, if its root was given
 *     growing      the proved chunks of its .part          from when it is known what the file is
 *     whole        all of it, under its name               from its last event, until nothing is shared any more
 *
 * A run that ends otherwise takes it back. A file without SHA-256 digests of its chunks is never shared.
 */
export class FileShare {
  readonly #shared: SharedFiles;
  readonly #sha256: Sha256;
  #held: Subscription;
  #manifest: Manifest | undefined;
  #source: ProvenSource | undefined;
  #refusal: string | undefined;
  #isWhole = false;
  readonly #over = new ReplaySubject<void>(1);
  /** Emits once, when the file is shared no more: at the end of a run that does not complete, or when nothing is shared any more. */
  readonly over: Observable<void> = this.#over.pipe(take(1));

  constructor(shared: SharedFiles, root: string | undefined, sha256: Sha256) {
    this.#shared = shared;
    this.#sha256 = sha256;
    this.#held = root === undefined ? Subscription.EMPTY : shared.expect(root);
  }

  /** Takes in what the file is. */
  know(facts: FileFacts): void {
    this.#manifest = manifestOf(facts, this.#sha256);
    if (this.#manifest !== undefined) return;
    this.leave();
    this.#refusal = `${facts.name} is not passed on to others: nobody told SHA-256 digests of its chunks, by which each would be proved first`;
  }

  /** Words for why the file cannot be shared, if it cannot. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Shares what grows. */
  grows(bytes: ProvenBytes): Pick<DownloadParts, "onProven"> {
    if (this.#manifest === undefined) return {};
    const source = new ProvenSource(this.#manifest, bytes);
    this.#share(source);
    return { onProven: (chunks) => source.proven(chunks) };
  }

  /** The file is whole, and has its name: its `bytes` are made where it did not grow. `tellOn` runs for as long as it is shared, and never errors. */
  completed(bytes: () => ProvenBytes, tellOn: Observable<never> = EMPTY): void {
    const manifest = this.#manifest;
    if (manifest === undefined || manifest.size === 0) return;
    const source = this.#source ?? new ProvenSource(manifest, bytes());
    if (this.#source === undefined) this.#share(source);
    const kept = this.#held;
    this.#held = Subscription.EMPTY;
    this.#isWhole = true;
    this.#shared.closed.pipe(take(1)).subscribe(this.#over);
    kept.add(tellOn.subscribe());
    // A file that cannot be read any more is nobody's loss here.
    source.completed().catch(() => {
      kept.unsubscribe();
      this.#over.next();
    });
  }

  /** Takes back what is not whole. */
  leave(): void {
    this.#held.unsubscribe();
    this.#held = Subscription.EMPTY;
    this.#source = undefined;
    if (!this.#isWhole) this.#over.next();
  }

  #share(source: ProvenSource): void {
    const before = this.#held;
    this.#source = source;
    this.#held = this.#shared.add(source);
    before.unsubscribe();
  }
}

/** The manifest by which peers can ask for the file; `undefined` where there is none. Digests that were found beside the file have a root of their own. */
function manifestOf({ digestsFound, ...facts }: FileFacts, sha256: Sha256): Manifest | undefined {
  const manifest = manifestIn(facts);
  return manifest && digestsFound ? { ...manifest, root: manifestRoot(manifest, sha256) } : manifest;
}
