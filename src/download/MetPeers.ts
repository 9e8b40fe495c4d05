import type { PeerRecord } from "../peers/PeerRecord.js";
import { type MetPeer, metBy } from "../storage/MetPeer.js";
import type { DownloadEvent } from "./DownloadEvent.js";

/** The peers that strangers told of, and what they brought that proved right: those of earlier runs and those of this one. */
export class MetPeers {
  readonly #met = new Map<string, MetPeer>();

  constructor(kept: readonly MetPeer[]) {
    for (const peer of kept) this.#met.set(peer.url, peer);
  }

  note(event: DownloadEvent): void {
    if (event.type === "peer-joined") {
      const source = metBy.find((each) => each === event.source);
      // Others have a name for one connection, and no address.
      const isPlace = /^wss?:/.test(event.peer);
      if (source !== undefined && isPlace && !this.#met.has(event.peer))
        this.#met.set(event.peer, { url: event.peer, source, bytes: 0 });
    } else if (event.type === "chunk-verified" && event.resumed !== true) {
      for (const [id, bytes] of Object.entries(event.peers)) {
        const peer = this.#met.get(id);
        if (peer !== undefined) this.#met.set(id, { ...peer, bytes: peer.bytes + bytes });
      }
    }
  }

  /** Peers that were of use; none that was found to bring something wrong. */
  useful(records: Readonly<Record<string, PeerRecord>>): readonly MetPeer[] {
    const isTrusted = (url: string): boolean =>
      !Object.hasOwn(records, url) || records[url]?.quarantinedFor === undefined;
    return [...this.#met.values()].filter(({ url, bytes }) => bytes > 0 && isTrusted(url));
  }
}
