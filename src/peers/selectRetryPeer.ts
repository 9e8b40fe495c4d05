import { selectPeer } from "../../operators/selectPeer.js";

/** The first of the available peers, best first, that is not excluded; `undefined` when there is none. */
export function selectRetryPeer<P>(exclude: Iterable<P>, available: Iterable<P>): P | undefined {
  const never = new Set(exclude);
  return selectPeer(available, { last: undefined, stay: false, avoid: never, never });
}
