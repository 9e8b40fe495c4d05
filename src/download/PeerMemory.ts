import type { PeerRecord } from "../peers/PeerRecord.js";
import type { Checkpoint } from "../storage/Checkpoint.js";
import { decayed } from "../storage/decayed.js";

type Records = Readonly<Record<string, PeerRecord>>;

/**
 * Records of peers that a run begins with, and the delta that it adds. The catalogue knows them from all downloads, the checkpoint from
 * the runs of this one; of the two the record counts that heard of the peer later, as old as it is by then.
 */
export class PeerMemory {
  /** Records to begin with, by peer id. */
  readonly records: Records;
  /** Records to begin with, by peer id, not aged. */
  readonly #loaded: Records;
  readonly #catalogued: Records;
  readonly #own: ReadonlySet<string>;

  /** @param now wall time, ms since the epoch */
  constructor(checkpoint: Pick<Checkpoint, "peers" | "savedAt"> | undefined, catalogued: Records, now: number) {
    const own = mapped(checkpoint?.peers ?? {}, (record) => ({ heardAt: checkpoint?.savedAt ?? now, ...record }));
    const newer = Object.entries(own).filter(([id, { heardAt }]) => heardAt > heardAtOf(catalogued, id));
    const aged = (record: PeerRecord): PeerRecord => decayed(record, now - (record.heardAt ?? now));
    this.#catalogued = mapped(catalogued, aged);
    this.#own = new Set(Object.keys(own));
    this.#loaded = { ...catalogued, ...Object.fromEntries(newer) };
    this.records = mapped(this.#loaded, aged);
  }

  /**
   * Records, of those given, that belong in the checkpoint: of peers that this download heard, in this run or before. One that was not heard
   * in this run has the counts that were loaded, or it would age by the same time again with each run.
   */
  ofThisDownload(records: Records): Records {
    const own: [string, PeerRecord][] = [];
    for (const [id, record] of Object.entries(records)) {
      if (!this.#own.has(id) && !this.#isNews(id, record)) continue;
      const loaded = find(this.#loaded, id);
      if (loaded === undefined || loaded.heardAt !== record.heardAt) own.push([id, record]);
      else own.push([id, { ...record, ok: loaded.ok, failed: loaded.failed, failures: loaded.failures }]);
    }
    return Object.fromEntries(own);
  }

  /** Records that the catalogue does not have yet; `ok` and `failed` are what came on top. */
  delta(records: Records): Records {
    const news = Object.entries(records).filter(([id, record]) => this.#isNews(id, record));
    return mapped(Object.fromEntries(news), (record, id) => {
      const before = find(this.#catalogued, id);
      const ok = Math.max(0, record.ok - (before?.ok ?? 0));
      return { ...record, ok, failed: Math.max(0, record.failed - (before?.failed ?? 0)) };
    });
  }

  #isNews(id: string, { heardAt = -Infinity }: PeerRecord): boolean {
    return heardAt !== heardAtOf(this.#catalogued, id);
  }
}

/** Ids are strangers' words, and may be the name of something that every object has. */
function find(records: Records, id: string): PeerRecord | undefined {
  return Object.hasOwn(records, id) ? records[id] : undefined;
}

function heardAtOf(records: Records, id: string): number {
  return find(records, id)?.heardAt ?? -Infinity;
}

function mapped<R extends PeerRecord>(
  records: Records,
  change: (record: PeerRecord, id: string) => R,
): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(records).map(([id, record]) => [id, change(record, id)]));
}
