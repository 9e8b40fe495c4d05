import type { PeerRecord } from "../peers/PeerRecord.js";

/** The records with their times on another clock. */
export function timedRecords(
  records: Readonly<Record<string, PeerRecord>>,
  convert: (atMs: number) => number,
): Readonly<Record<string, PeerRecord>> {
  const converted = Object.entries(records).map(([id, record]) => {
    const { blacklistedUntil: until } = record;
    return [id, until === undefined ? record : { ...record, blacklistedUntil: convert(until) }] as const;
  });
  return Object.fromEntries(converted);
}
