import {
  asyncScheduler,
  catchError,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  forkJoin,
  map,
  type Observable,
  of,
  throwError,
  timeout,
  timer,
} from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { integrityOf } from "../manifest/Manifest.js";
import type { DownloadRun } from "./DownloadRun.js";
import type { HeldBytes } from "./StillHas.js";

const lookBytes = 4096;
const askAgainMs = 1000;
/** How long the file waits for an answer when all of it is here. */
const patienceMs = 30_000;

/**
 * Looks once more at what came first of a file of which no digest is known, and that was joined from several answers: a server may have
 * replaced it without a word that shows. A difference that shows twice is a mixture of two versions, of which nothing is claimed any more. Emits nothing.
 *
 * @throws DownloadError `RESOURCE_CHANGED`, or `LOCAL_IO`.
 */
export function lookAgain(run: DownloadRun): Observable<never> {
  const { manifest, sink, stillHas, scheduler = asyncScheduler } = run.parts;
  return defer(() => {
    const { isJoined, isResumed, firstChunks } = run.progress;
    if (stillHas === undefined || !isJoined || integrityOf(manifest) !== "none") return EMPTY;
    const positions = [...new Set([0, ...firstChunks.map((index) => index * manifest.chunkSize)])];
    const held = forkJoin(
      positions.map((position) => sink.read(position, lookBytes).pipe(map((bytes) => ({ position, bytes })))),
    );
    const look = (places: readonly HeldBytes[]): Observable<boolean> =>
      stillHas(places, { brought: run.ledger.account().bytesByPeer, isResumed }).pipe(defaultIfEmpty(true));
    const looked = held.pipe(
      concatMap((places) =>
        look(places).pipe(
          concatMap((same) => (same ? of(true) : timer(askAgainMs, scheduler).pipe(concatMap(() => look(places))))),
        ),
      ),
      timeout({
        first: patienceMs,
        scheduler,
        with: () => throwError(() => new DownloadError("TIMEOUT", "no answer")),
      }),
      catchError((thrown: unknown) => {
        const { code, message } = toDownloadError(thrown);
        if (code === "LOCAL_IO") throw thrown;
        const text = `Whether the file is still the same could not be asked at the end: ${message} (${code})`;
        run.notice(text);
        return of(true);
      }),
    );
    return looked.pipe(
      concatMap((same) => {
        if (same) return EMPTY;
        run.forget();
        return throwError(() => mixed(manifest.name));
      }),
    );
  });
}

function mixed(name: string): DownloadError {
  const text = `what came first of ${name} is not what its mirrors have now: two versions were mixed, and nothing of it counts`;
  return new DownloadError("RESOURCE_CHANGED", text);
}
