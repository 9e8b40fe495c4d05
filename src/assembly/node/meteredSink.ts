import { finalize } from "rxjs";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { doubtOf } from "../../storage/doubtOf.js";
import { memoryOf } from "../../storage/memoryOf.js";
import type { Hold } from "./Hold.js";

/** The same sink, which tells `hold` what waits to be stored. */
export function meteredSink(sink: ChunkSink, hold: Hold): ChunkSink {
  return {
    open: (size) => sink.open(size),
    read: (offset, length) => sink.read(offset, length),
    sync: () => sink.sync(),
    finish: () => sink.finish(),
    memory: (bytes) => memoryOf(sink, bytes),
    doubt: () => doubtOf(sink),
    close: () => sink.close(),
    // Counted at the call: what waits in line for its turn to be written is in memory as well.
    write: (offset, bytes) => {
      hold.waits(bytes.length);
      return sink.write(offset, bytes).pipe(finalize(() => hold.stored(bytes.length)));
    },
  };
}
