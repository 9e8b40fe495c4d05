import { sha256 } from "../../src/adapters/node/sha256.js";
import { lastValueFrom, of, Observable } from "rxjs";
import { buildManifest } from "../../src/manifest/buildManifest.js";
import type { Manifest } from "../../src/manifest/Manifest.js";
import type { ByteSource } from "../../src/seeder/ByteSource.js";

/** A file in memory, with bytes that differ from place to place. */
export interface MemoryFile {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
  readonly source: CountingSource;
}

/** Serves from memory and counts what was read; `hold` makes reads wait until `release`. */
class CountingSource implements ByteSource {
  readonly manifest: Manifest;
  bytesRead = 0;
  reads = 0;
  abandoned = 0;
  /** Reads that have begun and not ended. */
  underWay = 0;
  mostUnderWay = 0;
  readonly #bytes: Uint8Array;
  readonly #waiting: (() => void)[] = [];
  #held = false;

  constructor(bytes: Uint8Array, manifest: Manifest) {
    this.#bytes = bytes;
    this.manifest = manifest;
  }

  hold(): void {
    this.#held = true;
  }

  release(count = Infinity): void {
    if (count === Infinity) this.#held = false;
    for (const go of this.#waiting.splice(0, count)) go();
  }

  read(offset: number, length: number): Observable<Uint8Array> {
    this.reads += 1;
    this.bytesRead += length;
    const bytes = this.#bytes.subarray(offset, offset + length);
    if (!this.#held) return of(bytes);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    return new Observable((subscriber) => {
      let read = false;
      this.#waiting.push(() => {
        read = true;
        this.underWay -= 1;
        subscriber.next(bytes);
        subscriber.complete();
      });
      return () => {
        if (!read) this.abandoned += 1;
      };
    });
  }
}

export async function memoryFile(size: number, chunkSize = 256 * 1024, name = "file.bin"): Promise<MemoryFile> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8) * 17) & 0xff;
  const manifest = await lastValueFrom(of(bytes).pipe(buildManifest({ name, size, chunkSize }, sha256)));
  return { bytes, manifest, source: new CountingSource(bytes, manifest) };
}
