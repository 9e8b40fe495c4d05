import type { Observable } from "rxjs";
import { map } from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { Peer } from "../../peers/Peer.js";
import { CutPeer } from "../../transfer/CutPeer.js";

/** Mirrors as peers: one that sends only whole files has its stream cut. */
export function cutPeers(mirrors: Observable<readonly HttpPeer[]>): Observable<readonly Peer[]> {
  const cut = new Map<HttpPeer, CutPeer>();
  const asPeer = (mirror: HttpPeer): Peer => {
    if (mirror.ranges) return mirror;
    const known = cut.get(mirror) ?? new CutPeer(mirror);
    cut.set(mirror, known);
    return known;
  };
  return mirrors.pipe(map((all) => all.map(asPeer)));
}
