import {
  catchError,
  concatMap,
  defer,
  firstValueFrom,
  from,
  ignoreElements,
  map,
  mergeAll,
  type Observable,
  of,
  tap,
  throwError,
} from "rxjs";
import { NameLock } from "../../adapters/browser/NameLock.js";
import { fileInOpfs, namesInOpfs, removeFromOpfs } from "../../adapters/browser/opfsFiles.js";
import { opfsManifest } from "../../adapters/browser/opfsManifest.js";
import { opfsProgress } from "../../adapters/browser/opfsProgress.js";
import { OpfsSink } from "../../adapters/browser/OpfsSink.js";
import { pageError } from "../../adapters/browser/pageError.js";
import { wholeFile } from "../../adapters/browser/wholeFile.js";
import { alreadyHere } from "../../discovery/beforeStart.js";
import type { Doubts } from "../../discovery/Doubts.js";
import { safeFileName } from "../../manifest/fileName.js";
import type { FileFacts, Manifest } from "../../manifest/Manifest.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import { claimsNothing } from "../../storage/claimsNothing.js";
import { keepingManifest } from "../../storage/keepingManifest.js";
import { manifestEnding } from "../../storage/ManifestStore.js";
import type { Target } from "../Assembly.js";
import { keptManifest } from "../keptManifest.js";
import { lockedSink } from "./lockedSink.js";
import { otherThan } from "./otherThan.js";
import { isWholeHere, judgeFile } from "../sameFile.js";
import { presentFile } from "./presentFile.js";
import type { PageKnown, PagePlace } from "./PagePlace.js";

export interface OpfsPlaceOptions {
  /** @default as the manifest suggests */
  readonly name: string | undefined;
  readonly to: FileSystemFileHandle | undefined;
  readonly overwrite: boolean;
}

/** The place of one run's file on the browser's disk, which is the run's own as long as it has the lock. */
export class OpfsPlace implements PagePlace<{ readonly blob: File; readonly name: string }> {
  readonly isBegun = true;
  readonly #options: OpfsPlaceOptions;
  #name = "";
  #lock: NameLock | undefined;
  #sink: OpfsSink | undefined;
  /** The very file, where it was here before. */
  #whole: File | undefined;
  #isInUse = false;

  constructor(options: OpfsPlaceOptions) {
    this.#options = options;
  }

  /** Emits as `keptManifest` does; where the file has no name yet, those of other files are passed over. */
  kept(root: string, onTrouble: (message: string) => void): Observable<Manifest | undefined> {
    const { name } = this.#options;
    if (name !== undefined) return keptManifest(of(opfsManifest(name + manifestEnding)), root, onTrouble);
    const names = defer(() => namesInOpfs(manifestEnding)).pipe(
      catchError(() => of([])), // whoever opens the place tells of it
      mergeAll(),
    );
    return keptManifest(names.pipe(map(opfsManifest)), root, () => undefined);
  }

  /** Errors with `LOCKED` while somebody else has the name, with `TARGET_EXISTS` when another file has it that may not be replaced, and with `LOCAL_IO`. */
  open(known: PageKnown, doubts: Doubts): Observable<Target> {
    return defer(() => {
      this.#name = this.#options.name ?? safeFileName(known.facts.name);
      return from(NameLock.take(this.#name));
    }).pipe(
      concatMap((lock) => {
        this.#lock = lock;
        this.#isInUse = false;
        return this.#wholeHere(known).pipe(
          concatMap((whole) => {
            if (whole === undefined) return from(this.#prepared(known, doubts, lock));
            this.#whole = whole;
            return of({ events: alreadyHere({ ...known.facts, name: this.#name }) });
          }),
          // A run that asks its mirrors again takes the lock again.
          tap({ error: () => lock.release() }),
        );
      }),
    );
  }

  remove(): Observable<never> {
    return defer(async () => {
      // The last writes of the run may still be waited for.
      this.#lock?.leave();
      const lock = await NameLock.take(this.#name);
      try {
        await this.#removePart();
      } catch (cause) {
        throw pageError("remove", `${this.#name}.part`, cause);
      } finally {
        lock.release();
      }
    }).pipe(ignoreElements());
  }

  leave(): void {
    if (this.#isInUse) this.#lock?.leave();
    else this.#lock?.release();
  }

  reader(): ProvenBytes | undefined {
    return this.#whole === undefined ? this.#sink?.reader() : wholeFile(this.#whole);
  }

  result(): { readonly blob: File; readonly name: string } {
    const blob = this.#whole ?? this.#sink?.file;
    if (blob === undefined) throw new TypeError("a file that is whole has its name");
    return { blob, name: this.#name };
  }

  async #prepared({ facts: manifest, teller }: PageKnown, doubts: Doubts, lock: NameLock): Promise<Target> {
    const name = this.#name;
    await this.#dropOther(manifest, doubts);
    const sink = (this.#sink = new OpfsSink({ name, to: this.#options.to }));
    const locked = lockedSink(sink, { begun: () => (this.#isInUse = true), ended: () => lock.release() });
    const record = opfsProgress(`${name}.part.json`, manifest);
    const manifests = opfsManifest(name + manifestEnding);
    const onTrouble = (message: string): void => teller.emit({ type: "notice", message });
    const progress = keepingManifest({ progress: record, manifests, onTrouble }, manifest);
    return { manifest, sink: locked, progress };
  }

  /** The very file, if it is here under its name. Errors with `TARGET_EXISTS` for another one that may not be replaced, and with `LOCAL_IO`. */
  #wholeHere({ facts, mirrorFile, hashes, teller }: PageKnown): Observable<File | undefined> {
    const { to, overwrite } = this.#options;
    if (to !== undefined) return of(undefined);
    const title = `${this.#name} is in this page's own file system`;
    return defer(() => fileInOpfs(this.#name)).pipe(
      catchError((cause: unknown) => throwError(() => pageError("look for", this.#name, cause))),
      concatMap((file) => {
        if (file === undefined) return of(undefined);
        return judgeFile(presentFile(file, hashes), facts, { mirrorFile, teller }).pipe(
          map((found) => (isWholeHere(found, overwrite, title) ? file : undefined)),
        );
      }),
    );
  }

  async #dropOther(manifest: FileFacts, doubts: Doubts): Promise<void> {
    if (manifest.digests !== undefined) return;
    const saved = await firstValueFrom(opfsProgress(`${this.#name}.part.json`).load());
    if (saved === undefined || !("version" in saved) || claimsNothing(saved)) return;
    const other = otherThan(saved, manifest);
    if (other === undefined) return;
    if (!doubts.confirms(other)) throw doubts.raise(other);
    await this.#removePart();
  }

  /** The record goes first: it claims the bytes. */
  async #removePart(): Promise<void> {
    for (const ending of [".part.json", manifestEnding, ".part"]) await removeFromOpfs(this.#name + ending);
  }
}
