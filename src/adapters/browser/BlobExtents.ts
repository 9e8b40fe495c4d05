import { Staging } from "./Staging.js";

/** Bytes at a place of a file. */
interface Extent {
  readonly offset: number;
  readonly blob: Blob;
}

const endOf = ({ offset, blob }: Extent): number => offset + blob.size;

/** A Blob costs a question to the browser, which is dear for a mebibyte and cheap for so much; no page should feel so much memory. */
const stagedBytes = 16 * 1024 * 1024;

/** A file in parts that a browser keeps outside the memory of the page, where it was written; what was written last counts. */
export class BlobExtents {
  /** In the order of their places, without overlaps. */
  #all: Extent[] = [];
  #staging: Staging | undefined;
  #end = 0;

  /** Where the last byte ends that was written. */
  get end(): number {
    return this.#end;
  }

  /** Keeps a copy of the bytes. */
  put(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#end = Math.max(this.#end, offset + bytes.length);
    for (let done = 0; done < bytes.length; done += stagedBytes) {
      const piece = bytes.subarray(done, done + stagedBytes);
      this.#staging ??= new Staging(stagedBytes);
      if (!this.#staging.fits(offset + done, piece.length)) this.#settle();
      this.#staging.take(offset + done, piece);
    }
  }

  /** The bytes from `start` to `end`, or to the last one that was written; those that nobody wrote are 0. */
  range(start: number, end: number): Blob {
    this.#settle();
    const parts: BlobPart[] = [];
    let at = start;
    const to = Math.min(end, this.end);
    for (let index = this.#firstEndingAfter(start); at < to; index++) {
      const extent = this.#all[index];
      const next = Math.min(to, extent?.offset ?? to);
      if (next > at) parts.push(new Uint8Array(next - at));
      at = Math.max(at, next);
      if (extent === undefined || at === to) break;
      const { blob } = cut(extent, at, to);
      parts.push(blob);
      at += blob.size;
    }
    return new Blob(parts);
  }

  /** A copy of bytes that no Blob was made of yet; `undefined` for others. */
  fresh(start: number, end: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#staging?.copy(start, end - start);
  }

  /** Drops what lies behind. */
  truncate(size: number): void {
    this.#settle();
    this.#all = this.#all.map((each) => cut(each, 0, size)).filter(({ blob }) => blob.size > 0);
    this.#end = Math.min(this.#end, size);
  }

  /** Makes Blobs of what is staged. */
  #settle(): void {
    for (const run of this.#staging?.empty() ?? []) {
      this.#insert({ offset: run[0]?.offset ?? 0, blob: new Blob(run.map(({ bytes }) => bytes)) });
    }
  }

  #insert(fresh: Extent): void {
    const first = this.#firstEndingAfter(fresh.offset);
    let behind = first;
    while (behind < this.#all.length && (this.#all[behind]?.offset ?? 0) < endOf(fresh)) behind++;
    const covered = this.#all.slice(first, behind);
    const rests = covered.flatMap((each) => [cut(each, 0, fresh.offset), cut(each, endOf(fresh), Infinity)]);
    const kept = [...rests, fresh].filter(({ blob }) => blob.size > 0).sort((a, b) => a.offset - b.offset);
    this.#all.splice(first, covered.length, ...kept);
  }

  /** Index of the first part that reaches beyond a place. */
  #firstEndingAfter(place: number): number {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const extent = this.#all[middle];
      if (extent !== undefined && endOf(extent) <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The part of an extent that lies from `start` to `end`, which may be empty. */
function cut(extent: Extent, start: number, end: number): Extent {
  const from = Math.min(Math.max(extent.offset, start), endOf(extent));
  const to = Math.max(from, Math.min(endOf(extent), end));
  if (from === extent.offset && to === endOf(extent)) return extent;
  return { offset: from, blob: extent.blob.slice(from - extent.offset, to - extent.offset) };
}
