import type { CatalogueContent, Lesson } from "./Catalogue.js";
import { decayed } from "./decayed.js";
import type { SavedPeerRecord } from "./SavedPeerRecord.js";
import { withRun } from "./Totals.js";

/** Peers that a catalogue keeps: those heard last. */
const mostPeers = 2000;

/** What is known after one more run. */
export function withLesson({ peers, totals }: CatalogueContent, { gains, run }: Lesson): CatalogueContent {
  const all = new Map(Object.entries(peers));
  for (const [id, gain] of Object.entries(gains)) all.set(id, withGain(all.get(id), gain));
  const kept = all.size <= mostPeers ? [...all] : [...all].toSorted(lastHeardFirst).slice(0, mostPeers);
  return { peers: Object.fromEntries(kept), totals: withRun(totals, run) };
}

/** Counts are added, for two runs may have learned at once; of all else the newer one is right. */
function withGain(stored: SavedPeerRecord | undefined, gain: SavedPeerRecord): SavedPeerRecord {
  if (stored === undefined) return gain;
  const [storedAt, gainAt] = [heardAt(stored), heardAt(gain)];
  const newer = storedAt > gainAt ? stored : gain;
  const { ok, failed } = decayed(stored, gainAt - storedAt);
  return { ...newer, ok: ok + gain.ok, failed: failed + gain.failed };
}

function heardAt(record: SavedPeerRecord): number {
  return record.heardAt ?? 0;
}

function lastHeardFirst([, a]: [string, SavedPeerRecord], [, b]: [string, SavedPeerRecord]): number {
  return heardAt(b) - heardAt(a);
}
