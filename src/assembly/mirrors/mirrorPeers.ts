import type { Observable } from "rxjs";
import { map } from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { Peer } from "../../peers/Peer.js";
import { MirrorPeer } from "./MirrorPeer.js";

/** Mirrors as peers: each is always the same one. */
export function mirrorPeers(mirrors: Observable<readonly HttpPeer[]>): Observable<readonly Peer[]> {
  const peers = new WeakMap<HttpPeer, MirrorPeer>();
  const asPeer = (mirror: HttpPeer): Peer => {
    const known = peers.get(mirror) ?? new MirrorPeer(mirror);
    peers.set(mirror, known);
    return known;
  };
  return mirrors.pipe(map((all) => all.map(asPeer)));
}
