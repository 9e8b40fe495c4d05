import { defer, filter, finalize, map, type Observable, ReplaySubject, take, tap } from "rxjs";
import { ForwardStream } from "../transfer/ForwardStream.js";
import { askMirror, type AskMirrorConfig } from "./askMirror.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror, MirrorAnswer } from "./Mirror.js";

/**
 * Asks a mirror for the beginning of its file, and emits once what the answer tells; the answer itself stays open, to be read as the first bytes of the
 * download. Errors as `askMirror` does. Unsubscribing before the answer drops the connection; later that is up to the stream, or to the mirror when it is
 * closed.
 */
export function openMirror(mirror: Mirror, discovery: Discovery, asking?: AskMirrorConfig): Observable<AnsweredMirror> {
  return defer(() => {
    const taken = new Set<ForwardStream>();
    return askMirror(mirror, () => opened(mirror, taken, discovery), discovery, asking).pipe(
      tap(({ stream }) => stream && taken.add(stream)),
    );
  });
}

/** Asks once. The stream is closed at the end unless it was taken: an answer that comes while its asker leaves is nobody's. */
function opened(mirror: Mirror, taken: ReadonlySet<ForwardStream>, { clock }: Discovery): Observable<AnsweredMirror> {
  const answers = new ReplaySubject<MirrorAnswer>(1);
  const stream = new ForwardStream({
    id: mirror.id,
    bytes: (paused) =>
      mirror.begin(paused).pipe(
        tap({ error: (error: unknown) => answers.error(error) }),
        filter((came): came is Uint8Array => {
          if (came instanceof Uint8Array) return true;
          answers.next(came);
          return false;
        }),
      ),
  });
  const askedAt = clock.now();
  stream.open();
  return answers.pipe(
    take(1),
    map((said) => ({ mirror, said, stream, askedAt, answeredAt: clock.now() })),
    finalize(() => {
      if (!taken.has(stream)) stream.close();
    }),
  );
}
