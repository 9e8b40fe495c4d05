import { askPeers, stallGuard } from "rx-tributary/operators";
import type { Observable } from "rxjs";
import { defer, from, tap } from "rxjs";

/** Lines of an answer as they come. What breaks or falls silent goes on where it was, with whichever server is there. */
export function follow(bases: readonly string[]): Observable<string> {
  return defer(() => {
    let seen = 0; // values are not taken back: the attempt must know where to go on
    let before = 0;
    const guard = stallGuard<string>({ firstByteMs: 10_000, idleMs: 30_000 });
    const attempt = guard((base: string, { signal }) => from(linesOf(`${base}?from=${seen}`, signal)));
    return askPeers(bases, attempt, {
      attemptTimeoutMs: Infinity, // a stream may last: silence is what ends it
      deadlineMs: 60_000, // of trouble without a line
      classify: () => {
        const progressed = seen > before;
        before = seen;
        return { verdict: "continue", progressed };
      },
    }).pipe(tap(() => seen++));
  });
}

async function* linesOf(url: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
