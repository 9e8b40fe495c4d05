import type { Writable } from "node:stream";
import { defer, tap, type MonoTypeOperatorFunction } from "rxjs";
import { lineWriter } from "./lineWriter.js";

/** Writes one event a line. When the reader falls far behind, events are dropped and a `notice` says how many. */
export function showJson<T extends { readonly at: number }>(stream: Writable): MonoTypeOperatorFunction<T> {
  return (events) =>
    defer(() => {
      const out = lineWriter(stream);
      let dropped = 0;
      return events.pipe(
        tap((event) => {
          if (dropped > 0) {
            const message = `${dropped} events were dropped, because nobody read them`;
            if (out.writeJson({ type: "notice", at: event.at, message })) dropped = 0;
          }
          if (!out.writeJson(event)) dropped += 1;
        }),
      );
    });
}
