import { type FileHandle } from "node:fs/promises";

const pieceSize = 1024 * 1024;

/** A file's bytes from its start to its end, 1 MiB at a time. Each piece is overwritten by the next. */
export async function* readPieces(file: FileHandle): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(pieceSize);
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, pieceSize, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
