import { resolveRetryConfig } from "../../../src/download/RetryConfig.js";
import type { SwarmConfig } from "../../../src/testing/simulateSwarm.js";
import type { Law } from "./Law.js";
import { firstComplaint } from "./Law.js";

const retryOf = ({ config, chunks }: SwarmConfig) => {
  const retry = resolveRetryConfig(config?.retry);
  return { ...retry, maxTotalRetries: retry.maxTotalRetries ?? Math.max(24, 2 * chunks) };
};

export const retriesOfAChunk: Law = {
  name: "a chunk has at most maxChunkRetries in a round, counted one by one",
  broken: ({ events }, config) => {
    const { maxChunkRetries } = retryOf(config);
    const counts = new Map<number, number>();
    return firstComplaint(events, (event) => {
      if (event.type === "chunk-failed") counts.delete(event.chunk);
      if (event.type !== "retry-scheduled") return undefined;
      const { chunk, retry } = event;
      const before = counts.get(chunk) ?? 0;
      counts.set(chunk, retry);
      if (retry > maxChunkRetries) return `chunk ${chunk} has retry ${retry} of ${maxChunkRetries}`;
      // One that waits with the whole swarm gone begins to count anew.
      return retry === before + 1 || retry === 1 ? undefined : `chunk ${chunk} has retry ${retry} after ${before}`;
    });
  },
};

export const retriesInAll: Law = {
  name: "all chunks together are retried at most maxTotalRetries times",
  broken: ({ events }, config) => {
    const { maxTotalRetries } = retryOf(config);
    const scheduled = new Set<number>();
    let taken = 0;
    return firstComplaint(events, (event) => {
      if (event.type === "retry-scheduled") scheduled.add(event.chunk);
      if (event.type === "chunk-failed") scheduled.delete(event.chunk);
      if (event.type === "attempt-started" && scheduled.delete(event.chunk)) taken++;
      return taken > maxTotalRetries ? `retry ${taken} of ${maxTotalRetries} began at ${event.at} ms` : undefined;
    });
  },
};

export const requestsAtOnce: Law = {
  name: "at most maxConcurrentChunks requests are open, maxChunksPerPeer of them at one peer",
  broken: ({ mostLegs, mostLegsByPeer }, config) => {
    const { maxConcurrentChunks, maxChunksPerPeer } = retryOf(config);
    if (mostLegs > maxConcurrentChunks) return `${mostLegs} requests were open, ${maxConcurrentChunks} may be`;
    const crowded = Object.entries(mostLegsByPeer).find(([, most]) => most > maxChunksPerPeer);
    return crowded && `${crowded[1]} requests were open at ${crowded[0]}, ${maxChunksPerPeer} may be`;
  },
};
