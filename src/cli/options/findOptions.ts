import { combineLatest, map, merge, startWith } from "rxjs";
import { type Announcer, DhtNode, LanNode, type PeerFinder } from "../../node.js";
import { UsageError } from "../UsageError.js";

/** Flags by which peers are found, and find this machine. */
export interface FindFlags {
  readonly dht?: boolean;
  readonly dhtBootstrap?: readonly string[];
  readonly dhtPort?: string;
  readonly lan?: boolean;
}

export interface Finding {
  readonly findPeers: PeerFinder;
  readonly announce: Announcer;
}

/**
 * The ways to find peers and to be found that were asked for; `undefined` without any. `host` is the address that is served on, if one is.
 *
 * @throws UsageError for a flag that says how while it is not asked for, and for a port that is none; TypeError for a node or a host that cannot be.
 */
export function findOptions(flags: FindFlags, host?: string): Finding | undefined {
  const { dht = false, dhtBootstrap: bootstrap, dhtPort } = flags;
  const [idle] = Object.entries({ "--dht-bootstrap": bootstrap, "--dht-port": dhtPort }).filter(([, value]) => value);
  if (!dht && idle !== undefined) throw new UsageError(`${idle[0]} is of the DHT; give --dht, too`);
  const ways: Finding[] = [];
  if (dht) {
    const node = new DhtNode({ bootstrap, host: host && ipv4Of(host), port: portOf(dhtPort) });
    ways.push({ findPeers: (root) => node.peers(root), announce: (port, roots) => node.announce(port, roots) });
  }
  if (flags.lan === true) {
    const lan = new LanNode({ interface: host === undefined ? undefined : lanOf(host) });
    ways.push({ findPeers: (root) => lan.peers(root), announce: (port, roots) => lan.announce(port, roots) });
  }
  if (ways.length === 0) return undefined;
  return {
    findPeers: (root) =>
      combineLatest(ways.map(({ findPeers }) => findPeers(root).pipe(startWith([])))).pipe(map((all) => all.flat())),
    announce: (port, roots) => merge(...ways.map(({ announce }) => announce(port, roots))),
  };
}

/** The address by which UDP of IPv4 reaches what listens on `host`. */
function ipv4Of(host: string): string {
  return { "::": "0.0.0.0", localhost: "127.0.0.1" }[host] ?? host;
}

/** The address in the one network that is served; none for all of them. */
function lanOf(host: string): string | undefined {
  const address = ipv4Of(host);
  if (!address.startsWith("127.")) return address === "0.0.0.0" ? undefined : address;
  const why = "which this machine alone reaches; the local network can be told only of one that others reach";
  throw new UsageError(`host is ${host}, ${why}, such as 0.0.0.0`);
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--dht-port is ${JSON.stringify(text)}; it must be a whole number from 0 to 65535`);
}
