/** Facts for the choice of the next peer. */
export interface Selection<P> {
  /** The peer asked last. */
  readonly last: P | undefined;
  /** True when it may be asked again now. */
  readonly stay: boolean;
  /** Peers that failed often enough to be passed over while there are others. */
  readonly avoid: Pick<ReadonlySet<P>, "has">;
  /** Peers that can never serve this. */
  readonly never: Pick<ReadonlySet<P>, "has">;
}

/**
 * The last peer if it may stay, else the first candidate outside `avoid` and `never`, else the first outside `never`, the last peer only
 * when there is no other. Candidates come best first; it reads no further than it must.
 */
export function selectPeer<P>(candidates: Iterable<P>, { last, stay, avoid, never }: Selection<P>): P | undefined {
  if (stay && last !== undefined && !never.has(last) && contains(candidates, last)) return last;
  let fallback: P | undefined;
  for (const peer of candidates) {
    if (never.has(peer)) continue;
    if (!avoid.has(peer)) return peer;
    if (fallback === undefined || fallback === last) fallback = peer;
  }
  return fallback;
}

function contains<P>(candidates: Iterable<P>, wanted: P): boolean {
  if ("has" in candidates) return (candidates as Iterable<P> & Pick<ReadonlySet<P>, "has">).has(wanted);
  for (const peer of candidates) if (peer === wanted) return true;
  return false;
}
