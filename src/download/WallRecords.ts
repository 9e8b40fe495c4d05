import type { PeerRecord } from "../peers/PeerRecord.js";
import type { AwakeClock } from "./AwakeClock.js";

type Records = Readonly<Record<string, PeerRecord>>;

/** What is known of peers, between the wall time that is saved and the awake time of a run. */
export class WallRecords {
  /** To begin with, in awake time. */
  readonly awake: Records;
  readonly #loaded: Records;
  readonly #clock: AwakeClock;

  constructor(loaded: Records, clock: AwakeClock) {
    this.#loaded = loaded;
    this.#clock = clock;
    this.awake = mapped(loaded, (record) => timed(record, (atMs) => clock.fromWall(atMs)));
  }

  /** The run's records in wall time; what is as it was loaded stays so, though the clock stood still meanwhile. */
  toWall(records: Records): Records {
    return mapped(records, (record, id) => {
      const [awake, loaded] = Object.hasOwn(this.awake, id) ? [this.awake[id], this.#loaded[id]] : [];
      if (loaded !== undefined && awake === record) return loaded;
      const wall = timed(record, (atMs) => this.#clock.toWall(atMs));
      const isHeard = awake === undefined || awake.heardAt !== record.heardAt;
      return isHeard || loaded?.heardAt === undefined ? wall : { ...wall, heardAt: loaded.heardAt };
    });
  }
}

function timed(record: PeerRecord, convert: (atMs: number) => number): PeerRecord {
  const { blacklistedUntil, heardAt } = record;
  return {
    ...record,
    ...(blacklistedUntil !== undefined && { blacklistedUntil: convert(blacklistedUntil) }),
    ...(heardAt !== undefined && { heardAt: convert(heardAt) }),
  };
}

function mapped(records: Records, change: (record: PeerRecord, id: string) => PeerRecord): Records {
  return Object.fromEntries(Object.entries(records).map(([id, record]) => [id, change(record, id)]));
}
