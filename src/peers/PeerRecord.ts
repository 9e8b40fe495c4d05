/** What is known of how a peer serves: learned leg by leg, kept across runs. */
export interface PeerRecord {
  /** Legs that delivered; decays, so not always whole. */
  readonly ok: number;
  /** Legs that failed; decays too. */
  readonly failed: number;
  /** Consecutive failures. */
  readonly failures: number;
  /** EWMA of goodput over all legs, bytes a second. */
  readonly bytesPerSecond?: number;
  /** EWMA of the time to the first byte. */
  readonly roundTripMs?: number;
  /** Wall time, ms since the epoch. */
  readonly blacklistedUntil?: number;
}

export const unknownPeer: PeerRecord = { ok: 0, failed: 0, failures: 0 };

/** Weight of the newest sample in the moving averages. */
const newest = 0.3;

export function ewma(before: number | undefined, sample: number): number {
  return before === undefined ? sample : before + newest * (sample - before);
}

const halfLifeMs = 14 * 24 * 3600 * 1000;

/** The record after `ageMs` in which nothing was heard: counts halve every 14 days, so that the past is forgiven. */
export function decayed(record: PeerRecord, ageMs: number): PeerRecord {
  const left = 0.5 ** (Math.max(0, ageMs) / halfLifeMs);
  return { ...record, ok: record.ok * left, failed: record.failed * left };
}
