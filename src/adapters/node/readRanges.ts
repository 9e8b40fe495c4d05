import { defer, type Observable } from "rxjs";
import { localError } from "./localError.js";
import { openFile } from "./openFile.js";
import { readUpTo } from "./readUpTo.js";

interface Range {
  readonly position: number;
  readonly length: number;
}

/** The bytes of a file at a few places, fewer where it ends; one emission. Errors with `LOCAL_IO`. */
export function readRanges(path: string, ranges: readonly Range[]): Observable<readonly Uint8Array[]> {
  return defer(async () => {
    try {
      const file = await openFile(path);
      try {
        const found: Uint8Array[] = [];
        for (const { position, length } of ranges) found.push(await readUpTo(file, position, length));
        return found;
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw localError("read", path, cause);
    }
  });
}
