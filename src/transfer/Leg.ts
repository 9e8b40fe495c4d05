import type { Peer } from "../peers/Peer.js";

/** One request to one peer, for what a chunk lacks. */
export interface Leg {
  readonly peer: Peer;
  readonly attempt: number;
  /** 0 for the first of its attempt. */
  readonly number: number;
  /** First byte asked for, from the start of the chunk. */
  readonly offset: number;
  /** Bytes that came. */
  received: number;
  /** Bytes by which the leg brought the chunk further than it ever was. */
  gained: number;
}
