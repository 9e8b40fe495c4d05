import { DownloadError } from "../../errors/DownloadError.js";
import { openFile, type OpenFileOptions } from "./openFile.js";
import { stampOf } from "./stampOf.js";

const pieceSize = 1024 * 1024;

/**
 * A file's bytes from its start to its end, 1 MiB at a time. Each piece is overwritten by the next.
 *
 * @throws DownloadError `RESOURCE_CHANGED` when the file is not, or at the end is no longer, the one with this stamp.
 */
export async function* readPieces(
  path: string,
  stamp: string,
  options?: OpenFileOptions,
): AsyncGenerator<Uint8Array, void> {
  const file = await openFile(path, options);
  try {
    const buffer = new Uint8Array(pieceSize);
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, pieceSize, position);
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
    const now = stampOf(await file.stat({ bigint: true }));
    if (now !== stamp) throw new DownloadError("RESOURCE_CHANGED", `${path} changed while it was read`);
  } finally {
    await file.close();
  }
}
