import { map, type Observable, Subject } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { SharedSource } from "./SharedFiles.js";

/** The bytes of a file that is downloaded: while it grows, and when it is whole. */
export interface ProvenBytes {
  /** Emits the bytes, once, as `ByteSource.read` does. */
  read(offset: number, length: number, memory?: Uint8Array): Observable<Uint8Array>;
  /** Holds on to the file, of which there is something to read from now on. */
  hold?(): void;
  /** Resolves when every change from now on is noticed: nobody has to write any more. Rejects where the file cannot be read. */
  settle?(): Promise<void>;
  /** Lets go of the file, after the reads that are under way. */
  close?(): void;
}

/** Chunks that are proved. */
export interface ProvenChunks {
  readonly count: number;
  has(chunk: number): boolean;
}

const none: ProvenChunks = { count: 0, has: () => false };

/** A file that is downloaded, as a source for others: the chunks that are proved, and no others. */
export class ProvenSource implements SharedSource {
  readonly manifest: Manifest;
  readonly changes = new Subject<void>();
  readonly #bytes: ProvenBytes;
  #proven = none;
  #isWhole = false;

  constructor(manifest: Manifest, bytes: ProvenBytes) {
    this.manifest = manifest;
    this.#bytes = bytes;
  }

  get has(): ((chunk: number) => boolean) | undefined {
    return this.#isWhole ? undefined : (chunk) => this.#proven.has(chunk);
  }

  /** Takes in which chunks are proved. */
  proven(chunks: ProvenChunks): void {
    this.#proven = chunks;
    if (chunks.count > 0) this.#bytes.hold?.();
    this.changes.next();
  }

  /** All chunks are proved, and nobody writes any more. Rejects where the file cannot be read. */
  async completed(): Promise<void> {
    await this.#bytes.settle?.();
    this.#isWhole = true;
    this.changes.next();
  }

  /** One emission: the bytes of one chunk, or part of them. A chunk that was taken back while it was read is `CHUNK_NOT_AVAILABLE`. */
  read(offset: number, length: number, memory?: Uint8Array): Observable<Uint8Array> {
    const chunk = Math.floor(offset / this.manifest.chunkSize);
    return this.#bytes.read(offset, length, memory).pipe(
      map((bytes) => {
        if (this.has?.(chunk) === false) throw new DownloadError("CHUNK_NOT_AVAILABLE", `chunk ${chunk} is not here`);
        return bytes;
      }),
    );
  }

  close(): void {
    this.#proven = none;
    this.#isWhole = false;
    this.#bytes.close?.();
    this.changes.complete();
  }
}
