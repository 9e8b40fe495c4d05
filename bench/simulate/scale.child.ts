/** Downloads a file of so many chunks from so many peers in virtual time, and prints what that cost, as JSON. */
import { simulateSwarm } from "../../src/testing/simulateSwarm.js";

const [chunks = 0, peers = 0] = process.argv.slice(2).map(Number);
const run = (count: number) =>
  simulateSwarm({
    peers: Array.from({ length: peers }, (_, i) => ({
      bytesPerSecond: 1_000_000 + (i % 17) * 250_000,
      roundTripMs: 20 + (i % 13) * 8,
      breaks: 0.01,
    })),
    chunks: count,
    seed: 1,
    config: { retry: { maxConcurrentChunks: 64 } },
    keepEvents: false,
  });

run(1000); // so that compiling is not counted
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const { outcome, bytesRight, makespanMs } = run(chunks);
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpuBefore);
const rssBytes = process.resourceUsage().maxRSS * 1024;
const isRight = outcome === "completed" && bytesRight;
console.log(JSON.stringify({ isRight, makespanMs, wallMs, cpuMs: (user + system) / 1000, rssBytes }));
