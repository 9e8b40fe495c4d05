import type { Peer } from "../peers/Peer.js";

/** One request to one peer, for what a chunk lacks. */
export interface Leg {
  readonly peer: Peer;
  readonly attempt: number;
  /** 0 for the first of its attempt. */
  readonly number: number;
  /** Where it began, from the start of the chunk. */
  readonly offset: number;
  /** Bytes that it brought. */
  received: number;
  /** Bytes by which it brought the chunk further than it ever was. */
  gained: number;
}
