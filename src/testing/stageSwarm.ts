import type { PeerSource } from "../peers/Peer.js";
import { attendanceOf } from "./attendanceOf.js";
import { Downlink } from "./Downlink.js";
import { seededRandom } from "./seededRandom.js";
import { SimulatedPeer } from "./SimulatedPeer.js";
import type { SwarmPeer } from "./SwarmPeer.js";
import { resolvePeers } from "./SwarmPeer.js";
import type { SyntheticFile } from "./syntheticFile.js";
import { syntheticFile } from "./syntheticFile.js";
import { VirtualClock } from "./VirtualClock.js";

/** A file and a swarm that has it. */
export interface SwarmScript {
  /** Peers of the swarm, each with its faults. */
  readonly peers: readonly SwarmPeer[];
  /** True when the list of peers stays open, as if more might come. @default false */
  readonly endless?: boolean;
  /** Number of chunks of the file. */
  readonly chunks: number;
  /** Bytes of a chunk. @default 262144 */
  readonly chunkBytes?: number;
  /** Bytes of the last chunk. @default chunkBytes */
  readonly lastChunkBytes?: number;
  /** Seed of all chance: the same seed and the same arguments give the same events. */
  readonly seed: number;
  /** Bytes a second that all peers together can bring, shared max-min fairly. @default no limit */
  readonly downlinkBytesPerSecond?: number;
}

/** A swarm that is ready to be asked, and what can be seen of it. */
export interface Staged {
  readonly scheduler: VirtualClock;
  readonly file: SyntheticFile;
  readonly peers: readonly SimulatedPeer[];
  readonly source: PeerSource;
  /** Requests open now, of all peers, and the most that ever were. */
  readonly legs: { readonly open: number; readonly most: number };
}

/**
 * Builds the peers of a script, around a clock of their own.
 *
 * @throws RangeError for what cannot be.
 */
export function stageSwarm(script: SwarmScript): Staged {
  const { chunks, chunkBytes = 262_144, lastChunkBytes = chunkBytes, seed, downlinkBytesPerSecond: speed } = script;
  if (!Number.isSafeInteger(chunks) || chunks < 0) {
    throw new RangeError(`chunks is ${chunks}; it must be a whole number`);
  }
  if (!(lastChunkBytes > 0 && lastChunkBytes <= chunkBytes)) {
    throw new RangeError(`lastChunkBytes is ${lastChunkBytes}; it must be from 1 to ${chunkBytes}`);
  }
  const scheduler = new VirtualClock();
  const file = syntheticFile(chunks === 0 ? 0 : (chunks - 1) * chunkBytes + lastChunkBytes, chunkBytes);
  const downlink = speed === undefined ? undefined : new Downlink(speed);
  const legs = { open: 0, most: 0 };
  const counted = (change: 1 | -1): void => {
    legs.open += change;
    legs.most = Math.max(legs.most, legs.open);
  };
  const stage = { scheduler, file, downlink, counted };
  const attendees = resolvePeers(script.peers).map((peer, i) => ({
    peer: new SimulatedPeer(peer, stage, seededRandom(seed, i + 1)),
    away: peer.away,
  }));
  return {
    scheduler,
    file,
    peers: attendees.map(({ peer }) => peer),
    source: attendanceOf(attendees, script.endless ?? false, scheduler),
    legs,
  };
}
