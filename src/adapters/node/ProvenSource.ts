import type { FileHandle } from "node:fs/promises";
import { catchError, defer, map, type Observable, Subject, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Manifest } from "../../manifest/Manifest.js";
import type { SharedSource } from "../../seeder/SharedFiles.js";
import type { ChunkSet } from "../../storage/Bitmap.js";
import { localError } from "./localError.js";
import { readUnchanged } from "./readUnchanged.js";
import { stampOf } from "./stampOf.js";

const none: ChunkSet = { count: 0, has: () => false };

/**
 * A file that is downloaded, as a source for others: the chunks that are proved, and no others, are read from the `.part`, or from the file that is whole already.
 *
 * It is read by one handle from the first proved chunk on, which leads to the same bytes when the file gets its name: there is no moment in
 * between, and a file that somebody puts in the place of either name is never read. Once the file is whole nobody has to write to it any more, so from then
 * on a change of it ends the serving.
 */
export class ProvenSource implements SharedSource {
  readonly manifest: Manifest;
  readonly changes = new Subject<void>();
  readonly #open: Observable<FileHandle>;
  #file: Promise<FileHandle> | undefined;
  #proven = none;
  /** Stamp of the file that is whole. */
  #stamp: string | undefined;

  /** `open` emits the handle once, at the first proved chunk. */
  constructor(manifest: Manifest, open: Observable<FileHandle>) {
    this.manifest = manifest;
    this.#open = open;
  }

  get has(): ((chunk: number) => boolean) | undefined {
    return this.#stamp === undefined ? (chunk) => this.#proven.has(chunk) : undefined;
  }

  /** Takes in which chunks are proved. */
  proven(chunks: ChunkSet): void {
    this.#proven = chunks;
    if (chunks.count > 0) this.#opened().catch(() => undefined); // whoever reads hears of it
    this.changes.next();
  }

  /** All chunks are proved, and nobody writes any more; resolves when every change from now on is noticed. Errors where the file cannot be read. */
  async completed(): Promise<void> {
    const file = await this.#opened();
    this.#stamp = stampOf(await file.stat({ bigint: true }));
    this.changes.next();
  }

  /** One emission: the bytes of one chunk, or part of them. A chunk that was taken back while it was read is `CHUNK_NOT_AVAILABLE`. */
  read(offset: number, length: number, memory?: Uint8Array): Observable<Uint8Array> {
    const { name, chunkSize } = this.manifest;
    const chunk = Math.floor(offset / chunkSize);
    return defer(async () => {
      const file = await this.#opened();
      return readUnchanged({ name, file, stamp: this.#stamp }, { offset, length, memory });
    }).pipe(
      catchError((error: unknown) => throwError(() => localError("read", name, error))),
      map((bytes) => {
        if (this.has?.(chunk) === false) throw new DownloadError("CHUNK_NOT_AVAILABLE", `chunk ${chunk} is not here`);
        return bytes;
      }),
    );
  }

  /** Closes the file after the reads that are under way; later ones error. */
  close(): void {
    this.#proven = none;
    this.#stamp = undefined;
    // Of a file that was only read nothing is lost when that fails.
    this.#file?.then((file) => file.close()).catch(() => undefined);
    this.changes.complete();
  }

  #opened(): Promise<FileHandle> {
    return (this.#file ??= new Promise((resolve, reject) => {
      this.#open.subscribe({ next: resolve, error: reject });
    }));
  }
}
