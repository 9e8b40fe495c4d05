import type { FileHandle } from "node:fs/promises";

/**
 * `length` bytes from `offset`, or fewer where the file ends; in `memory` if it is given, else in memory of their own: a view of the shared pool would keep
 * others' bytes alive.
 */
export async function readUpTo(
  file: FileHandle,
  offset: number,
  length: number,
  memory: Uint8Array = Buffer.allocUnsafeSlow(length),
): Promise<Uint8Array> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(memory, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return memory.subarray(0, done);
}
