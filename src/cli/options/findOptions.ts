import { combineLatest, map, merge, startWith } from "rxjs";
import { type Announcer, DhtNode, LanNode, type PeerFinder } from "../../node.js";
import { UsageError, usage } from "../UsageError.js";

/** Flags by which peers are found, and find this machine. */
export interface FindFlags {
  readonly dht?: boolean;
  readonly dhtBootstrap?: readonly string[];
  readonly dhtPort?: number;
  readonly lan?: boolean;
}

export interface Finding {
  readonly findPeers: PeerFinder;
  readonly announce: Announcer;
}

/** The address that is served on, and the flag by which it is given. */
export interface ServedAt {
  readonly host: string;
  readonly called: string;
}

/**
 * The ways to find peers and to be found that were asked for; `undefined` without any. `served` is where files are served, if they are.
 *
 * @throws UsageError for a node or a host that cannot be.
 */
export function findOptions(flags: FindFlags, served?: ServedAt): Finding | undefined {
  const { dht = false, dhtBootstrap: bootstrap, dhtPort: port } = flags;
  const host = served && ipv4Of(served.host);
  const { called = "" } = served ?? {};
  const ways: Finding[] = [];
  if (dht) {
    const node = usage(() => new DhtNode({ bootstrap, host, port }), { bootstrap: "--dht-bootstrap", host: called });
    ways.push({
      findPeers: (root, hear) => node.peers(root, hear),
      announce: (port, roots) => node.announce(port, roots),
    });
  }
  if (flags.lan === true) {
    const lan = usage(() => new LanNode({ interface: served && lanOf(served) }), { interface: called });
    ways.push({
      findPeers: (root, hear) => lan.peers(root, hear),
      announce: (port, roots) => lan.announce(port, roots),
    });
  }
  if (ways.length === 0) return undefined;
  return {
    findPeers: (root, hear) =>
      combineLatest(ways.map(({ findPeers }) => findPeers(root, hear).pipe(startWith([])))).pipe(
        map((all) => all.flat()),
      ),
    announce: (port, roots) => merge(...ways.map(({ announce }) => announce(port, roots))),
  };
}

/** The address by which UDP of IPv4 reaches what listens on `host`. */
function ipv4Of(host: string): string {
  return { "::": "0.0.0.0", localhost: "127.0.0.1" }[host] ?? host;
}

/** The address in the one network that is served; none for all of them. */
function lanOf({ host, called }: ServedAt): string | undefined {
  const address = ipv4Of(host);
  if (!address.startsWith("127.")) return address === "0.0.0.0" ? undefined : address;
  const why = "which this machine alone reaches; the local network can be told only of one that others reach";
  throw new UsageError(`${called} is ${host}, ${why}, such as 0.0.0.0`);
}
