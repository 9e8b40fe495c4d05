import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const chunkBytes = 64 * 1024;
/** Some days. */
const untilMs = 1_000_000_000;

interface Dripping {
  readonly chunks: number;
  readonly ranges: boolean;
  readonly parallelRetries: boolean;
}

/** A download from one peer that sends so many bytes, one by one or ten at a time. */
async function dripping(bytesPerSecond: number, { chunks, ranges, parallelRetries }: Dripping) {
  const file = someBytes(chunks * chunkBytes);
  const scheduler = new VirtualTimeScheduler();
  const pieceBytes = Math.max(1, bytesPerSecond / 10);
  const peer = scriptedPeer("A", file, { bytesPerSecond, pieceBytes, ranges, scheduler });
  return play(
    () => [peer],
    { manifest: await manifestOf(file, chunkBytes), scheduler, config: { parallelRetries } },
    untilMs,
  );
}

const switches = [true, false];
const all = [1, 2, 8, 300].flatMap((chunks) =>
  switches.flatMap((ranges) => switches.map((parallelRetries) => ({ chunks, ranges, parallelRetries }))),
);

describe("an only peer that sends next to nothing", () => {
  it.each(all)(
    "An only peer that sends a byte a second ends the download within five minutes and says why, of $chunks chunks, ranges $ranges, parallelRetries $parallelRetries",
    async (swarm) => {
      const { completed, endedAt, error } = await dripping(1, swarm);
      expect(completed).toBe(false);
      expect(endedAt).toBeGreaterThan(240_000);
      expect(endedAt).toBeLessThanOrEqual(300_000);
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(?:RETRIES_EXHAUSTED|CHUNK_DEADLINE)$/) as string,
        cause: { code: "TIMEOUT" },
      });
    },
  );

  it.each(switches)("An only peer that sends 280 bytes a second may take any time, ranges %s", async (ranges) => {
    const told = await dripping(280, { chunks: 4, ranges, parallelRetries: true });
    expect(told.completed).toBe(true);
    expect(told.of("retry-scheduled")).toEqual([]);
  });
});
