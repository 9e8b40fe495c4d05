import type { CatalogueContent, CatalogueDelta } from "./Catalogue.js";
import { decayed } from "./decayed.js";
import { most } from "./most.js";
import type { SavedPeerRecord } from "./SavedPeerRecord.js";
import { withRun } from "./Totals.js";

/** Peers that a catalogue keeps: those heard last. A reader takes no more than a MiB. */
const kept = { count: 2000, chars: 960 * 1024 } as const;

/** The catalogue after one more run. */
export function addDelta({ peers, totals }: CatalogueContent, { peers: heard, run }: CatalogueDelta): CatalogueContent {
  const all = new Map(Object.entries(peers));
  for (const [id, record] of Object.entries(heard)) all.set(id, withCounts(all.get(id), record));
  const lastHeard = most([...all], kept, ([, record]) => heardAt(record));
  return { peers: Object.fromEntries(lastHeard), totals: withRun(totals, run) };
}

/** Counts are added, for two runs may have learned at once; of all else the newer one is right. */
function withCounts(stored: SavedPeerRecord | undefined, delta: SavedPeerRecord): SavedPeerRecord {
  if (stored === undefined) return delta;
  const [storedAt, deltaAt] = [heardAt(stored), heardAt(delta)];
  const newer = storedAt > deltaAt ? stored : delta;
  const { ok, failed } = decayed(stored, deltaAt - storedAt);
  return { ...newer, ok: ok + delta.ok, failed: failed + delta.failed };
}

function heardAt(record: SavedPeerRecord): number {
  return record.heardAt ?? 0;
}
