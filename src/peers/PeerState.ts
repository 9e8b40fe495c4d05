import type { PeerEntry } from "./PeerEntry.js";
import type { PeerRecord } from "./PeerRecord.js";
import type { Standing } from "./Standing.js";

/** One peer as the outside may see it. */
export interface PeerState {
  readonly peer: string;
  readonly present: boolean;
  readonly standing: Standing;
  readonly inFlight: number;
  /** Bytes that it brought in this run. */
  readonly bytes: number;
  readonly record: PeerRecord;
}

export function peerStateOf({ peer, present, standing, inFlight, bytes, record }: PeerEntry): PeerState {
  return { peer: peer.id, present, standing, inFlight, bytes, record };
}
