import type { PeerRecord } from "../peers/PeerRecord.js";
import type { AwakeClock } from "./AwakeClock.js";

type Records = Readonly<Record<string, PeerRecord>>;

/** What is known of peers, between the wall time that is saved and the awake time of a run. */
export class WallRecords {
  /** To begin with, in awake time. */
  readonly awake: Records;
  readonly #loaded: Records;
  readonly #clock: AwakeClock;
  /** By the record in awake time: of thousands of peers only a few say something new between two checkpoints. */
  #converted = new WeakMap<PeerRecord, PeerRecord>();
  /** The wall time of the clock's zero that they were converted with. */
  #zeroAt: number | undefined;

  constructor(loaded: Records, clock: AwakeClock) {
    this.#loaded = loaded;
    this.#clock = clock;
    this.awake = mapped(loaded, (record) => timed(record, (atMs) => clock.fromWall(atMs)));
  }

  /** The run's records in wall time; what is as it was loaded stays so, though the clock stood still meanwhile. */
  toWall(records: Records): Records {
    const zeroAt = this.#clock.toWall(0);
    if (zeroAt !== this.#zeroAt) this.#converted = new WeakMap();
    this.#zeroAt = zeroAt;
    return mapped(records, (record, id) => {
      const known = this.#converted.get(record);
      if (known !== undefined) return known;
      const wall = this.#convert(record, id);
      this.#converted.set(record, wall);
      return wall;
    });
  }

  #convert(record: PeerRecord, id: string): PeerRecord {
    const [awake, loaded] = Object.hasOwn(this.awake, id) ? [this.awake[id], this.#loaded[id]] : [];
    if (loaded !== undefined && awake === record) return loaded;
    const wall = timed(record, (atMs) => this.#clock.toWall(atMs));
    const isHeard = awake === undefined || awake.heardAt !== record.heardAt;
    return isHeard || loaded?.heardAt === undefined ? wall : { ...wall, heardAt: loaded.heardAt };
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
