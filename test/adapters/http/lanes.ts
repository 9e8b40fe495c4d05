import { NEVER, Observable, of } from "rxjs";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import type { ConnectHttp, HttpLine } from "../../../src/adapters/http/HttpLine.js";
import type { HttpRequest } from "../../../src/adapters/http/HttpRequest.js";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../../../src/adapters/http/HttpPeerOptions.js";
import type { ByteRange } from "../../../src/peers/Peer.js";
import { peerAt as ordinaryPeerAt } from "./harness.js";

/** A way in which a mirror is asked for parts. */
export interface Lane {
  readonly name: string;
  /** Requests that an answer costs which is not for this way, each on a connection of its own. */
  readonly asksAgain: number;
  readonly peerAt: (url: string, options?: Partial<HttpPeerOptions>) => HttpPeer;
  readonly ask: (peer: HttpPeer, range: ByteRange) => Observable<Uint8Array>;
}

const ordinary: Lane = {
  name: "by request()",
  asksAgain: 0,
  peerAt: ordinaryPeerAt,
  ask: (peer, range) => peer.request(range),
};

/** Peers that are told to think that their mirror has just shown itself to be ordinary, so that each part is asked for on the direct lane first. */
const tellOrdinary = new WeakMap<HttpPeer, (range: ByteRange) => void>();

const direct: Lane = {
  name: "by read() on the direct lane",
  asksAgain: 1,
  peerAt: (url, options = {}) => {
    let isTold = false;
    const connect = believing(options.connect ?? connectNode(), () => isTold);
    const peer = ordinaryPeerAt(url, { ...options, connect });
    tellOrdinary.set(peer, (range) => {
      isTold = true;
      peer
        .request(range)
        .subscribe({ error: () => undefined })
        .unsubscribe();
      isTold = false;
    });
    return peer;
  },
  ask: (peer, range) =>
    new Observable((subscriber) => {
      tellOrdinary.get(peer)?.(range);
      const room = new Uint8Array(range.length);
      return peer.read(range, {
        room: () => room,
        filled: (bytes) => subscriber.next(room.slice(0, bytes)),
        take: (bytes) => subscriber.next(bytes.slice()),
        complete: () => subscriber.complete(),
        fail: (error) => subscriber.error(error),
      });
    }),
};

export const lanes: readonly Lane[] = [ordinary, direct];

/** A line that answers by itself while `isTold`, with the head of a part of an ordinary mirror. */
function believing(connect: ConnectHttp, isTold: () => boolean): ConnectHttp {
  return (options) => {
    const line = connect(options);
    const send: HttpLine["send"] = (request) => (isTold() ? of(partOf(request)) : line.send(request));
    return {
      send,
      ...(line.direct === undefined ? {} : { direct: line.direct }),
      renew: () => line.renew(),
      close: () => line.close(),
    };
  };
}

function partOf({ url, headers: { range = "" } }: HttpRequest) {
  const [, first = 0, last = 0] = (/^bytes=(\d+)-(\d+)$/.exec(range) ?? []).map(Number);
  const headers = { "content-range": `bytes ${first}-${last}/*`, "content-length": `${last - first + 1}` };
  return { status: 206, headers, url, isDirect: true, body: NEVER };
}
