import { defer, finalize } from "rxjs";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import type { Hold } from "./Hold.js";

/** The same sink, which tells `hold` what came and what is stored. */
export function meteredSink(sink: ChunkSink, hold: Hold): ChunkSink {
  return {
    open: (size) => sink.open(size),
    read: (offset, length) => sink.read(offset, length),
    sync: () => sink.sync(),
    finish: () => sink.finish(),
    close: () => sink.close(),
    write: (offset, bytes) =>
      defer(() => {
        hold.came(bytes.length);
        return sink.write(offset, bytes).pipe(finalize(() => hold.stored(bytes.length)));
      }),
  };
}
