import type { FileHandle } from "node:fs/promises";

/** `length` bytes from `offset`, or fewer where the file ends. */
export async function readUpTo(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length); // its own memory: a view of the shared pool would keep others' bytes alive
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
