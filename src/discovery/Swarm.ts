import type { Observable } from "rxjs";
import type { Peer } from "../peers/Peer.js";
import type { ManifestPeer } from "./fetchManifest.js";
import type { Finding } from "./Finding.js";
import type { Mirror } from "./Mirror.js";
import type { Outvoted } from "./Outvoted.js";

/** Peers and mirrors that could be asked. */
export interface Swarm {
  readonly sockets: Observable<readonly (Peer & ManifestPeer)[]>;
  readonly mirrors: Observable<readonly Mirror[]>;
  /** Mirrors that runs before this one have decided against. @default none */
  readonly outvoted?: Outvoted;
  /** True when a lone address that turns out to be a Metalink is told as one. @default it is a file like any other */
  readonly followsMetalinks?: boolean;
  /** How sources are used that answers tell of. @default not at all */
  readonly finding?: Finding | undefined;
}
