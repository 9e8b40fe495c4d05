import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { ByteRange, Peer } from "../../src/peers/Peer.js";

/** A peer that follows one script a request, the last one for all that come after; it remembers what it was asked. */
export function turns(
  id: string,
  file: Uint8Array,
  scripts: readonly PeerScript[],
): Peer & { readonly asked: readonly ByteRange[] } {
  const asked: ByteRange[] = [];
  return {
    id,
    ranges: true,
    asked,
    request: (range) => {
      const script = scripts[Math.min(asked.length, scripts.length - 1)] ?? {};
      asked.push(range);
      return scriptedPeer(id, file, script).request(range);
    },
  };
}
