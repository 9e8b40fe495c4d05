import { map } from "rxjs";
import type { Catalogue } from "./Catalogue.js";
import type { SavedPeerRecord } from "./SavedPeerRecord.js";

type Records = Readonly<Record<string, SavedPeerRecord>>;

/**
 * A catalogue that knows mirrors by their origin: what was learned of a server counts for all of its files, and no name of a file is kept.
 * `mirrors` are the ids of those that this download begins with.
 */
export function byOrigin(catalogue: Catalogue, mirrors: readonly string[]): Catalogue {
  return {
    load: () =>
      catalogue.load().pipe(
        map((known) => {
          const ours = mirrors.flatMap((id) => {
            const record = Object.hasOwn(known.peers, originOf(id)) ? known.peers[originOf(id)] : undefined;
            return record === undefined ? [] : [[id, record] as const];
          });
          return { ...known, peers: { ...known.peers, ...Object.fromEntries(ours) } };
        }),
      ),
    record: ({ peers, run }) => catalogue.record({ peers: joined(peers), run }),
  };
}

function originOf(id: string): string {
  return /^https?:/i.test(id) ? new URL(id).origin : id;
}

/** Counts of several files on one server are added; of all else what was heard last is right. */
function joined(peers: Records): Records {
  const all = new Map<string, SavedPeerRecord>();
  for (const [id, record] of Object.entries(peers)) {
    // Names that a seeder gave for one connection tell nothing of another time.
    if (id.startsWith("rtc:")) continue;
    const before = all.get(originOf(id));
    all.set(originOf(id), before === undefined ? record : both(before, record));
  }
  return Object.fromEntries(all);
}

function both(a: SavedPeerRecord, b: SavedPeerRecord): SavedPeerRecord {
  const newer = (a.heardAt ?? 0) > (b.heardAt ?? 0) ? a : b;
  return { ...newer, ok: a.ok + b.ok, failed: a.failed + b.failed };
}
