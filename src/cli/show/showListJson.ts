import type { Writable } from "node:stream";
import { connect, ignoreElements, map, merge, type MonoTypeOperatorFunction } from "rxjs";
import type { ListEvent } from "../../node.js";
import { showJson } from "./showJson.js";

/** Writes one event a line: those of a file as its download has them, with its place in the list as `file`, beside those of the list. */
export function showListJson(stream: Writable): MonoTypeOperatorFunction<ListEvent> {
  return connect((shared) => {
    const flat = shared.pipe(
      map((event) => (event.type === "file-event" ? { ...event.event, file: event.file } : event)),
      showJson(stream),
      ignoreElements(),
    );
    return merge(shared, flat);
  });
}
