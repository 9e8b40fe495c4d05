import { initialState } from "../../../src/download/DownloadState.js";
import { reduce } from "../../../src/download/reduce.js";
import type { SwarmConfig } from "../../../src/testing/simulateSwarm.js";
import type { Law } from "./Law.js";
import { firstComplaint } from "./Law.js";

const sum = (counts: Readonly<Record<string, number | undefined>>): number =>
  Object.values(counts).reduce<number>((total, count = 0) => total + count, 0);

function sizeOf({ chunks, chunkBytes = 262_144, lastChunkBytes = chunkBytes }: SwarmConfig): number {
  return chunks === 0 ? 0 : (chunks - 1) * chunkBytes + lastChunkBytes;
}

export const rightBytes: Law = {
  name: "what is verified is right, and all of it when it completes",
  broken: ({ outcome, bytesRight, events, rightChunks, account }, config) => {
    const verified = events.filter(({ type }) => type === "chunk-verified").length;
    if (verified > rightChunks) return `${verified} chunks are verified and ${rightChunks} right`;
    if (outcome !== "completed") return undefined;
    if (!bytesRight) return `it completed with ${rightChunks} of ${config.chunks} chunks right`;
    const size = sizeOf(config);
    return account?.done === size && account.verified === size
      ? undefined
      : `it completed with ${account?.done} of ${size} bytes, ${account?.verified} of them verified`;
  },
};

export const verifiedOnce: Law = {
  name: "a chunk is verified once",
  broken: ({ events }) => {
    const seen = new Set<number>();
    return firstComplaint(events, (event) => {
      if (event.type !== "chunk-verified") return undefined;
      if (seen.has(event.chunk)) return `chunk ${event.chunk} was verified again`;
      seen.add(event.chunk);
      return undefined;
    });
  },
};

export const monotone: Law = {
  name: "verified bytes never go backwards and never exceed the size",
  broken: ({ events, account }, config) => {
    const size = sizeOf(config);
    let state = initialState;
    const complaint = firstComplaint(events, (event) => {
      const before = state.done;
      state = reduce(state, event);
      const { done: verified } = state;
      if (verified < before) return `${verified} bytes after ${before}, at ${event.type}`;
      if (verified > size) return `${verified} bytes of ${size}, at ${event.type}`;
      if (event.type !== "progress" || event.done === verified) return undefined;
      return `progress says ${event.done} done bytes where chunks make ${verified}`;
    });
    if (complaint !== undefined || account === undefined) return complaint;
    return account.done === state.done
      ? undefined
      : `the account says ${account.done} done bytes, the state ${state.done}`;
  },
};

export const balanced: Law = {
  name: "the account is that of the peers",
  broken: ({ account, served, outcome }) => {
    if (account === undefined) return undefined;
    const { received, bytesByPeer, waste, done: verified, resumed } = account;
    if (received !== sum(bytesByPeer)) return `${received} bytes received, ${sum(bytesByPeer)} by peer`;
    const unequal = Object.keys({ ...served, ...bytesByPeer }).find(
      (id) => (served[id] ?? 0) !== (bytesByPeer[id] ?? 0),
    );
    if (unequal !== undefined) return `${unequal} served ${served[unequal]} bytes, booked are ${bytesByPeer[unequal]}`;
    const useful = received - sum(waste);
    if (outcome !== "completed" || useful === verified - resumed) return undefined;
    return `${received} bytes received and ${sum(waste)} wasted do not make ${verified} verified`;
  },
};
