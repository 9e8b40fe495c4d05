/** For so long at least there is something to serve: short pauses of ours or of the peer's leave no gap. */
const reserveMs = 100;
/** With a connection for each request, whose speed a server may limit, more of them have to show what the peer can do. */
const reserveOfManyMs = 4000;

/**
 * How many requests keep a peer busy: one that is served, and as many as it serves in two round trips while they travel. More would only
 * wait at the peer, take slots from others and be lost when it fails. The bandwidth-delay product with a reserve, as in the request
 * queues of libtorrent, which keeps a second's worth; in simulation a tenth of that did as well, and better where slots are scarce.
 */
export function pipelineDepth(
  bytesPerSecond: number,
  roundTripMs: number,
  { chunkBytes, connectsEach = false }: { readonly chunkBytes: number; readonly connectsEach?: boolean },
): number {
  const leastMs = connectsEach ? reserveOfManyMs : reserveMs;
  const bytes = (bytesPerSecond * Math.max(leastMs, 2 * roundTripMs)) / 1000;
  return 1 + Math.ceil(bytes / chunkBytes);
}
