import { concat, defer, type Observable, of, throwError } from "rxjs";
import type { ByteRange, Peer, Receiver } from "../../peers/Peer.js";

/** An answer that began at the first byte of a file, as far as it came. */
export interface HeadStart {
  readonly bytes: Uint8Array;
  /** Error that the answer ended with. */
  readonly failure?: unknown;
}

/**
 * A peer, of whose answer the first bytes of the file are here already: the first request for each chunk gets what is here of it at once, and asks the
 * peer for what follows. A second one asks for all: then what was here was not enough. Where the answer failed, the request that would go on from its end fails
 * so, once: the peer is judged for it, and has the rest that it asked for, as for any request.
 *
 *     here        aaaabb
 *     request(a)  aaaa|        nobody is asked
 *     request(b)  bb--bb|      for the second half
 *     request(a)  --aaaa|
 */
export function withHeadStart(peer: Peer, { bytes, failure }: HeadStart): Peer {
  let owed = failure === undefined ? undefined : { failure };
  const given = new Set<number>();
  /** Bytes that are here of a range, and the rest of it. */
  const parted = (range: ByteRange): { readonly here: Uint8Array; readonly rest: ByteRange } => {
    const { chunk, offset, position, length } = range;
    const here = given.has(chunk) ? bytes.subarray(0, 0) : bytes.subarray(position, position + length);
    given.add(chunk);
    const had = here.length;
    return { here, rest: { chunk, offset: offset + had, position: position + had, length: length - had } };
  };
  const owedAt = ({ position }: ByteRange): typeof owed => {
    if (position !== bytes.length) return undefined;
    const here = owed;
    owed = undefined;
    return here;
  };
  const request = (range: ByteRange): Observable<Uint8Array> =>
    defer(() => {
      const { here, rest } = parted(range);
      if (rest.length === 0) return of(here);
      const broken = owedAt(rest);
      const missing =
        broken === undefined ? peer.request(here.length === 0 ? range : rest) : throwError(() => broken.failure);
      return here.length === 0 ? missing : concat(of(here), missing);
    });
  const read = (range: ByteRange, receiver: Receiver): (() => void) => {
    const { here, rest } = parted(range);
    if (here.length > 0) receiver.take(here);
    const broken = rest.length === 0 ? undefined : owedAt(rest);
    if (broken !== undefined) receiver.fail(broken.failure);
    else if (rest.length === 0) receiver.complete();
    else return peer.read?.(rest, receiver) ?? (() => undefined);
    return () => undefined;
  };
  return {
    id: peer.id,
    source: peer.source ?? "link",
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
