import type { FileHandle } from "node:fs/promises";
import { DownloadError } from "../../errors/DownloadError.js";
import { readUpTo } from "./readUpTo.js";
import { stampOf } from "./stampOf.js";

/** The part of a file that is to be read. */
export interface WantedBytes {
  readonly offset: number;
  readonly length: number;
  /** Memory to read into. @default memory of their own */
  readonly memory?: Uint8Array | undefined;
}

/**
 * Bytes of a file, as long as it has the stamp that it had; without one, as they are. Errors may be told to strangers, so they name the file, not its path.
 *
 * @throws DownloadError `RESOURCE_CHANGED`, or `LOCAL_IO` when there are fewer.
 */
export async function readUnchanged(
  { name, file, stamp }: { readonly name: string; readonly file: FileHandle; readonly stamp: string | undefined },
  { offset, length, memory }: WantedBytes,
): Promise<Uint8Array> {
  // Both at once: a change that slips between them is found by whoever checks the bytes. Both are awaited: memory is held until they have ended.
  const [read, stated] = await Promise.allSettled([
    readUpTo(file, offset, length, memory),
    stamp === undefined ? undefined : file.stat({ bigint: true }),
  ]);
  if (read.status === "rejected") throw read.reason;
  if (stated.status === "rejected") throw stated.reason;
  const { value: bytes } = read;
  if (stated.value !== undefined && stampOf(stated.value) !== stamp) {
    throw new DownloadError("RESOURCE_CHANGED", `${name} changed since its manifest was made`);
  }
  if (bytes.length === length) return bytes;
  throw new DownloadError("LOCAL_IO", `${name} has ${bytes.length} bytes at ${offset}, expected ${length}`);
}
