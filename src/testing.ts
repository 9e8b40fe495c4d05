export { memoryCatalogue } from "./adapters/memory/memoryCatalogue.js";
export type { MemoryCatalogue } from "./adapters/memory/memoryCatalogue.js";
export { memoryProgress } from "./adapters/memory/memoryProgress.js";
export type { MemoryProgress } from "./adapters/memory/memoryProgress.js";
export { memorySink } from "./adapters/memory/memorySink.js";
export type { MemorySink } from "./adapters/memory/memorySink.js";
export { scriptedPeer } from "./adapters/memory/scriptedPeer.js";
export type { PeerScript } from "./adapters/memory/scriptedPeer.js";
