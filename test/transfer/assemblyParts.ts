import { memorySink, type MemorySink } from "../../src/adapters/memory/memorySink.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { BlockPool } from "../../src/transfer/BlockPool.js";
import type { AssemblyParts } from "../../src/transfer/ChunkAssembly.js";

/** What a chunk of a test is assembled with, on a sink in memory that is open. */
export function assemblyParts(
  blockBytes = 1024 * 1024,
  size = 1024 * 1024,
): AssemblyParts & { readonly sink: MemorySink } {
  const sink = memorySink();
  sink.open(size).subscribe();
  return { sink, blocks: new BlockPool(blockBytes), sha256 };
}
