import type { SavedPeerRecord } from "./SavedPeerRecord.js";

const halfLifeMs = 14 * 24 * 3600 * 1000;

/** The record after `ageMs` in which nothing was heard: all counts halve every 14 days, so that the past is forgiven. */
export function decayed(record: SavedPeerRecord, ageMs: number): SavedPeerRecord {
  const left = 0.5 ** (Math.max(0, ageMs) / halfLifeMs);
  const { ok, failed, failures } = record;
  return { ...record, ok: ok * left, failed: failed * left, failures: Math.round(failures * left) };
}
