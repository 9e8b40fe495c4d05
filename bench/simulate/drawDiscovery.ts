import { seededRandom } from "../../src/testing/seededRandom.js";
import type { DiscoveryScript } from "../../src/testing/simulateDiscovery.js";
import type { DiscoveryPeer } from "../../src/testing/stageQuestions.js";
import type { QuestionFate } from "../../src/testing/SimulatedMirror.js";
import { Dice } from "./Dice.js";
import { drawRetry } from "./drawRetry.js";

const passing = ["TIMEOUT", "CONNECTION_RESET", "CONNECTION_REFUSED", "PEER_UNAVAILABLE", "NETWORK_DOWN"] as const;

/** Failures after which a peer is asked for a manifest no more. */
export const lastingFates = ["FILE_NOT_FOUND", "AUTH_FAILED", "CHECKSUM_MISMATCH", "PROTOCOL_ERROR"] as const;

export const busyFates = ["PEER_BUSY", "RATE_LIMITED"] as const;

/** Stream numbers of a seed that no peer uses. */
const streams = { manifest: 1_000_003, mirror: 1_000_004 } as const;

/** A question of discovery, to peers that answer, fail, lie and fall silent on a machine that may sleep, all from one seed. */
export function drawDiscovery(seed: number, question: DiscoveryScript["question"]): DiscoveryScript {
  const dice = new Dice(seededRandom(seed, streams[question]));
  const scheme = question === "manifest" ? "ws" : "http";
  const count = dice.chance(0.03) ? 0 : dice.whole(1, 6);
  const isCalm = dice.chance(0.2);
  return {
    seed,
    question,
    peers: Array.from({ length: count }, (_, n) => drawPeer(dice, `${scheme}://m${n}/file.bin`, isCalm)),
    ...dice.some(0.3, () => ({ sleep: { atMs: dice.whole(0, 20_000), forMs: 7_200_000 } })),
    ...dice.some(0.5, () => ({ retry: drawRetry(dice) })),
  };
}

function drawPeer(dice: Dice, id: string, isCalm: boolean): DiscoveryPeer {
  if (isCalm) return { id, fates: ["answers"], ...dice.some(0.4, () => ({ isStale: true })) };
  const fate = (): QuestionFate => dice.of([...passing, ...lastingFates, ...busyFates, "answers", "silent"] as const);
  const fates = dice.chance(0.3) ? (["answers"] as const) : [fate(), ...dice.list(4, fate)];
  return {
    id,
    fates,
    latencyMs: dice.of([1, 20, 400, 3000]),
    ...dice.some(0.3, () => ({ isStale: true })),
    ...dice.some(0.25, () => ({ ranges: false })),
  };
}
