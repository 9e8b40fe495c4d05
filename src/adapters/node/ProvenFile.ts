import type { FileHandle } from "node:fs/promises";
import { catchError, defer, type Observable, throwError } from "rxjs";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import { localError } from "./localError.js";
import { readUnchanged } from "./readUnchanged.js";
import { stampOf } from "./stampOf.js";

/**
 * The bytes of a file that is downloaded, from the `.part`, or from the file that is whole already.
 *
 * It is read by one handle from the first proved chunk on, which leads to the same bytes when the file gets its name: there is no moment in
 * between, and a file that somebody puts in the place of either name is never read. Once the file is whole nobody has to write to it any more, so from then
 * on a change of it ends the serving.
 */
export class ProvenFile implements ProvenBytes {
  readonly #name: string;
  readonly #open: Observable<FileHandle>;
  #file: Promise<FileHandle> | undefined;
  /** Stamp of the file that is whole. */
  #stamp: string | undefined;

  /** `name` is for errors, which strangers may be told; `open` emits the handle once, at the first proved chunk. */
  constructor(name: string, open: Observable<FileHandle>) {
    this.#name = name;
    this.#open = open;
  }

  hold(): void {
    this.#opened().catch(() => undefined); // whoever reads hears of it
  }

  async settle(): Promise<void> {
    const file = await this.#opened();
    this.#stamp = stampOf(await file.stat({ bigint: true }));
  }

  read(offset: number, length: number, memory?: Uint8Array): Observable<Uint8Array> {
    return defer(async () => {
      const file = await this.#opened();
      return readUnchanged({ name: this.#name, file, stamp: this.#stamp }, { offset, length, memory });
    }).pipe(catchError((error: unknown) => throwError(() => localError("read", this.#name, error))));
  }

  /** Closes the file after the reads that are under way; later ones error. */
  close(): void {
    this.#stamp = undefined;
    // Of a file that was only read nothing is lost when that fails.
    this.#file?.then((file) => file.close()).catch(() => undefined);
  }

  #opened(): Promise<FileHandle> {
    return (this.#file ??= new Promise((resolve, reject) => {
      this.#open.subscribe({ next: resolve, error: reject });
    }));
  }
}
