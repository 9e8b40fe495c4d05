import { from, type Observable, of, switchMap } from "rxjs";
import { digestsOfFile } from "../../adapters/node/digestsOfFile.js";
import { localError } from "../../adapters/node/localError.js";
import { readRanges } from "../../adapters/node/readRanges.js";
import { regularFile } from "../../adapters/node/regularFile.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { type FoundFile, judgeFile, type LookAtFile } from "../sameFile.js";

/** Tells whether what has the name is the very file, as `judgeFile` does. Emits once; errors with `LOCAL_IO`, and as the mirrors do. */
export function sameFile(path: string, facts: FileFacts, known: LookAtFile): Observable<FoundFile> {
  return from(
    regularFile(path).catch((cause: unknown) => {
      throw localError("look at", path, cause);
    }),
  ).pipe(
    switchMap((stats) => {
      if (stats === undefined) return of("none" as const);
      const file = {
        ...{ size: stats.size, modifiedAt: stats.mtimeMs },
        read: (ranges: Parameters<typeof readRanges>[1]) => readRanges(path, ranges),
        digests: (wanted: Parameters<typeof digestsOfFile>[1]) => digestsOfFile(path, wanted),
      };
      return judgeFile(file, facts, known);
    }),
  );
}
