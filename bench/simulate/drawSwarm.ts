import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import { strategyNames } from "../../src/peers/strategies.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import type { SwarmConfig } from "../../src/testing/simulateSwarm.js";
import { Dice } from "./Dice.js";
import { drawRetry } from "./drawRetry.js";
import type { Refusal, SwarmPeer } from "../../src/testing/SwarmPeer.js";
import type { BandwidthStep } from "../../src/testing/Uplink.js";

const refusalCodes = [
  ...(["PEER_BUSY", "RATE_LIMITED", "FILE_NOT_FOUND", "AUTH_FAILED", "PEER_UNAVAILABLE"] as const),
  ...(["CONNECTION_REFUSED", "CHUNK_NOT_AVAILABLE", "INVALID_CHUNK", "PEER_REJECTED"] as const),
] as const satisfies readonly DownloadErrorCode[];

/** Stream numbers of a seed that no peer uses. */
const drawStream = 1_000_001;

/** A swarm, its faults and a policy, all from one seed. */
export function drawSwarm(seed: number): SwarmConfig {
  const dice = new Dice(seededRandom(seed, drawStream));
  const chunkBytes = dice.of([1000, 16_384, 65_536, 100_000, 262_144]);
  const chunks = dice.chance(0.03) ? 0 : dice.scaled(1, 80);
  return {
    peers: Array.from({ length: dice.chance(0.03) ? 0 : dice.scaled(1, 10) }, () => drawPeer(dice, chunks, chunkBytes)),
    endless: dice.chance(0.3),
    chunks,
    chunkBytes,
    lastChunkBytes: dice.whole(1, chunkBytes),
    seed,
    ...dice.some(0.2, () => ({ downlinkBytesPerSecond: dice.scaled(50_000, 5_000_000) })),
    ...dice.some(0.1, () => ({ pauseAtMs: dice.scaled(1, 30_000) })),
    config: drawPolicy(dice),
  };
}

function drawPeer(dice: Dice, chunks: number, chunkBytes: number): SwarmPeer {
  const span = () => {
    const fromMs = dice.chance(0.3) ? 0 : dice.scaled(10, 60_000);
    return { fromMs, ...dice.some(0.7, () => ({ untilMs: fromMs + dice.scaled(10, 120_000) })) };
  };
  const refusal = (): Refusal => {
    const code = dice.of(refusalCodes);
    return { ...span(), code, ...dice.some(0.5, () => ({ retryAfterMs: dice.scaled(10, 60_000) })) };
  };
  const speed = (): number => dice.scaled(5_000, 5_000_000);
  const step = (): BandwidthStep => ({
    atMs: dice.scaled(100, 60_000),
    bytesPerSecond: dice.chance(0.3) ? 0 : speed(),
  });
  const usual = { bytesPerSecond: speed(), roundTripMs: dice.of([0, dice.scaled(1, 300), dice.scaled(1, 300)]) };
  if (dice.chance(0.3)) return usual;
  const lacks = dice.whole(0, chunks);
  return {
    ...usual,
    pieceBytes: dice.of([4096, 16_384, 65_536, wholePiece(chunkBytes)]),
    ...dice.some(0.2, () => ({ bytesPerSecond: [{ atMs: 0, bytesPerSecond: speed() }, ...dice.list(4, step)] })),
    ...dice.some(0.2, () => ({ lossesAtMs: dice.list(5, () => dice.scaled(10, 60_000)) })),
    ...dice.some(0.3, () => ({ refusals: dice.list(3, refusal) })),
    ...dice.some(0.1, () => ({ maxRequests: dice.whole(1, 4) })),
    ...dice.some(0.2, () => ({ away: dice.list(3, span), lingers: dice.chance(0.3) })),
    ...dice.some(0.1, () => ({ has: (chunk: number) => chunk % 7 !== lacks % 7, tells: dice.chance(0.5) })),
    ...dice.some(0.2, () => ({ breaks: dice.of([0.05, 0.5, 1]) })),
    ...dice.some(0.1, () => ({ stalls: dice.of([0.05, 0.5, 1]) })),
    ...dice.some(0.1, () => ({ corrupts: dice.of([0.05, 0.5, 1]) })),
  };
}

/** A piece that holds all of a chunk: as many grains of 4096 bytes as that takes. */
function wholePiece(chunkBytes: number): number {
  return 4096 * Math.ceil(chunkBytes / 4096);
}

function drawPolicy(dice: Dice): DownloadConfig {
  return {
    ...dice.some(0.3, () => ({ parallelRetries: false })),
    ...dice.some(0.3, () => ({ policy: "adaptive" as const })),
    ...dice.some(0.5, () => ({ strategy: dice.of(strategyNames) })),
    ...dice.some(0.15, () => ({ failFast: true })),
    ...dice.some(0.1, () => ({ strictPermanent: true })),
    retry: drawRetry(dice),
  };
}
