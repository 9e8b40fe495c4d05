import { defer, EMPTY, type Observable, of } from "rxjs";
import { type BlobSink, blobSink } from "../../adapters/browser/blobSink.js";
import { type MemoryProgress, memoryProgress } from "../../adapters/memory/memoryProgress.js";
import type { Doubts } from "../../discovery/Doubts.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import { claimsNothing } from "../../storage/claimsNothing.js";
import type { Target } from "../Assembly.js";
import { otherThan } from "./otherThan.js";
import type { PageKnown, PagePlace } from "./PagePlace.js";

interface Kept {
  readonly manifest: FileFacts;
  readonly sink: BlobSink;
  readonly progress: MemoryProgress;
}

/** The place of a file in memory, which keeps what it has from one run to the next, until the whole is handed out. */
export class BlobPlace implements PagePlace<{ readonly blob: Blob; readonly name: string }> {
  readonly #maxBytes: number;
  #kept: Kept | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  kept(): Observable<FileFacts | undefined> {
    return defer(() => of(this.#kept?.manifest));
  }

  get isBegun(): boolean {
    return this.#kept !== undefined;
  }

  /** Errors with `LOCAL_IO` for a file that is too large. */
  open({ facts: manifest }: Pick<PageKnown, "facts">, doubts: Doubts): Observable<Target> {
    return defer(() => {
      if (manifest.size > this.#maxBytes) {
        const message = `${JSON.stringify(manifest.name)} has ${manifest.size} bytes, expected at most ${this.#maxBytes} in memory`;
        throw new DownloadError("LOCAL_IO", message);
      }
      const before = this.#kept;
      const other = before && otherThan(before.manifest, manifest);
      const saved = before?.progress.saved();
      const isWorthless = saved === undefined || claimsNothing(saved);
      if (other !== undefined && !isWorthless && !doubts.confirms(other)) throw doubts.raise(other);
      const kept =
        before === undefined || other !== undefined
          ? { manifest, sink: blobSink(), progress: memoryProgress() }
          : before;
      this.#kept = kept;
      return of(kept);
    });
  }

  remove(): Observable<never> {
    return defer(() => {
      this.#kept = undefined;
      return EMPTY;
    });
  }

  /** Bytes that are here stay. */
  leave(): void {
    // Nothing is held that others could want.
  }

  reader(): ProvenBytes | undefined {
    return this.#kept?.sink.reader();
  }

  result(): { readonly blob: Blob; readonly name: string } {
    const [blob, name] = [this.#kept?.sink.blob() ?? new Blob(), this.#kept?.manifest.name ?? ""];
    this.#kept = undefined;
    return { blob, name };
  }
}
