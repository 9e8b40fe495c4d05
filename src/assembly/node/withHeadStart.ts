import { concat, defer, type Observable, of } from "rxjs";
import type { ByteRange, Peer, Receiver } from "../../peers/Peer.js";

/**
 * The same peer, of whose answer the first bytes of the file are here already: the first request for each chunk gets what is here of it at once, and asks the
 * peer for what follows. A second one asks for all: then what was here was not enough.
 *
 *     here        aaaabb
 *     request(a)  aaaa|        nobody is asked
 *     request(b)  bb--bb|      for the second half
 *     request(a)  --aaaa|
 */
export function withHeadStart(peer: Peer, bytes: Uint8Array): Peer {
  const given = new Set<number>();
  /** What is here of a range, and what is missing. */
  const parted = (range: ByteRange): { readonly here: Uint8Array; readonly rest: ByteRange } => {
    const { chunk, offset, position, length } = range;
    const here = given.has(chunk) ? bytes.subarray(0, 0) : bytes.subarray(position, position + length);
    given.add(chunk);
    const had = here.length;
    return { here, rest: { chunk, offset: offset + had, position: position + had, length: length - had } };
  };
  const request = (range: ByteRange): Observable<Uint8Array> =>
    defer(() => {
      const { here, rest } = parted(range);
      if (here.length === 0) return peer.request(range);
      return rest.length === 0 ? of(here) : concat(of(here), peer.request(rest));
    });
  const read = (range: ByteRange, receiver: Receiver): (() => void) => {
    const { here, rest } = parted(range);
    if (here.length > 0) receiver.take(here);
    if (rest.length > 0) return peer.read?.(rest, receiver) ?? (() => undefined);
    receiver.complete();
    return () => undefined;
  };
  return {
    id: peer.id,
    get ranges() {
      return peer.ranges;
    },
    get isFilling() {
      return peer.isFilling ?? false;
    },
    connectsEach: peer.connectsEach ?? false,
    bears: peer.bears ?? 1,
    request,
    ...(peer.read && { read }),
    ...(peer.passedOver && { passedOver: peer.passedOver }),
    ...(peer.changes && { changes: peer.changes }),
    ...(peer.has && { has: (chunk: number) => peer.has?.(chunk) === true }),
    ...(peer.renew && { renew: () => peer.renew?.() }),
  };
}
