/** Compares two policies on the same unreliable swarm: minutes of downloading take a moment, because time is virtual. */
import type { DownloadConfig } from "rx-tributary";
import type { SwarmPeer } from "rx-tributary/testing";
import { simulateSwarm } from "rx-tributary/testing";

const peers: readonly SwarmPeer[] = [
  { id: "steady", bytesPerSecond: 1_500_000, roundTripMs: 80 },
  { id: "moody", bytesPerSecond: 2_000_000, breaks: 0.3 },
  {
    id: "tired",
    bytesPerSecond: [
      { atMs: 0, bytesPerSecond: 4_000_000 },
      { atMs: 5_000, bytesPerSecond: 100_000 },
    ],
  },
  { id: "silent", bytesPerSecond: 2_000_000, stalls: 0.05 },
  { id: "liar", bytesPerSecond: 3_000_000, corrupts: 1 },
];

const policies: Readonly<Record<string, DownloadConfig>> = {
  patient: {},
  brisk: { retry: { chunkTimeoutSecs: 10, initialBackoffMs: 200, maxConcurrentChunks: 16 } },
};

const seeds = [1, 2, 3, 4, 5];
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

for (const [name, config] of Object.entries(policies)) {
  const runs = seeds.map((seed) => simulateSwarm({ peers, chunks: 300, seed, config, keepEvents: false }));
  const seconds = median(runs.map(({ makespanMs }) => makespanMs)) / 1000;
  const done = runs.filter(({ outcome, bytesRight }) => outcome === "completed" && bytesRight).length;
  console.log(`${name}: ${done} of ${runs.length} completed, median ${seconds.toFixed(0)} s`);
}
