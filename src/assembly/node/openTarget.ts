import type { Stats } from "node:fs";
import { basename } from "node:path";
import {
  catchError,
  concat,
  concatMap,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  throwError,
} from "rxjs";
import { checkpointStore, readCheckpoint } from "../../adapters/node/checkpointStore.js";
import { FileSink } from "../../adapters/node/FileSink.js";
import { regularFile } from "../../adapters/node/regularFile.js";
import { sha256 as newHash } from "../../adapters/node/sha256.js";
import type { RetryConfig } from "../../download/RetryConfig.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { plainFile } from "../../manifest/plainFile.js";
import type { Target } from "../assemble.js";
import { alreadyHere } from "../beforeStart.js";
import type { KnownFile } from "../learnFile.js";
import { fetchUnsized } from "./fetchUnsized.js";
import type { HeldLock } from "./HeldLock.js";
import type { Hold } from "./Hold.js";
import { meteredSink } from "./meteredSink.js";
import { otherVersion } from "./otherVersion.js";
import { prepareTarget } from "./prepareTarget.js";

export interface OpenTargetConfig {
  readonly lock: HeldLock;
  readonly overwrite: boolean;
  readonly hold: Hold;
  readonly retry: RetryConfig;
  readonly onLocked: () => void;
}

/** Where the bytes of a file go, with what an earlier run left there, unless that is of another version; or that it is here already. */
export function openTarget(
  path: string,
  known: KnownFile,
  { lock, overwrite, hold, retry, onLocked }: OpenTargetConfig,
): Observable<Target> {
  const { mirrorFile, unsized } = known;
  // What is told speaks of the file on the disk, whatever the manifest calls it.
  const facts = { ...known.facts, name: basename(path) };
  return prepareTarget(path, known, { lock, overwrite, onLocked }).pipe(
    concatMap((done): Observable<Target> => {
      if (done && unsized === undefined) return of({ events: alreadyHere(facts, path) });
      if (done)
        return from(regularFile(path)).pipe(map((stats) => ({ events: alreadyHere(sized(facts, stats), path) })));
      if (unsized !== undefined) {
        return noProgress(path, unsized.id).pipe(
          endWith({ events: fetchUnsized(path, facts, unsized, { retry, hold, lock }) }),
        );
      }
      const sink = meteredSink(new FileSink(path, { overwrite }), hold);
      const progress = checkpointStore(`${path}.part.json`, facts);
      const target = { manifest: facts, ...lock.guard({ sink, progress }) };
      if (mirrorFile === undefined) return of(target);
      return otherVersion(path, facts, mirrorFile).pipe(
        concatMap((why) => {
          if (why === undefined) return of(target);
          const notices = [
            `The file on the server is not the one that this download began with: ${why}. It is fetched anew`,
          ];
          return concat(progress.clear().pipe(ignoreElements()), of({ ...target, notices }));
        }),
      );
    }),
  );
}

/** Of a file whose size nobody told: what is here has it. */
function sized({ name, sha256 }: FileFacts, stats: Stats | undefined): FileFacts {
  return plainFile({ name, size: stats?.size ?? 0, ...(sha256 && { sha256 }) }, newHash);
}

/** A server that told the size before, and does not now, may have sent a page of its own: what was saved is not given up for that. */
function noProgress(path: string, mirror: string): Observable<never> {
  return readCheckpoint(`${path}.part.json`).pipe(
    catchError((error: unknown) =>
      toDownloadError(error).code === "INVALID_CHECKPOINT" ? EMPTY : throwError(() => error),
    ),
    map(({ size }) => {
      const text = `${mirror} does not tell how long its file is, and ${path}.part is of one of ${size} bytes; it is left as it is`;
      throw new DownloadError("RESOURCE_CHANGED", text, { peer: mirror });
    }),
  );
}
