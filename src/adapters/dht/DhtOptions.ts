import { isIPv4 } from "node:net";
import { asyncScheduler, type SchedulerLike } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { aScheduler } from "../../../operators/optionShapes.js";
import { isLoopback } from "../network/isLoopback.js";

/** How a node of the DHT is run. */
export interface DhtOptions {
  /**
   * Nodes by which the table is entered, each as `host:port`. When all of them are of this machine or a private network, so is the table, and private addresses
   * are taken from it; of a public one they are not.
   * @default the public nodes that the package `bittorrent-dht` knows
   */
  readonly bootstrap?: readonly string[] | undefined;
  /** IPv4 address that UDP is bound to: that of the server whose files are announced. @default "0.0.0.0"; "127.0.0.1" for a table on this machine */
  readonly host?: string | undefined;
  /** UDP port; 0 takes any free one. @default 0 */
  readonly port?: number | undefined;
  /** Time between lookups and between announcements. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A node of the table, as it was named. */
export interface NamedNode {
  readonly host: string;
  readonly port: number;
}

export interface ResolvedDhtOptions {
  readonly bootstrap: readonly NamedNode[] | undefined;
  readonly host: string;
  readonly port: number;
  readonly scheduler: SchedulerLike;
}

const shapes: OptionShapes<DhtOptions> = {
  bootstrap: { must: "a list of nodes, each as host:port", fits: (value) => Array.isArray(value) && value.length > 0 },
  host: { must: "an IPv4 address of this machine", fits: (value) => typeof value === "string" && isIPv4(value) },
  port: {
    must: "a whole number from 0 to 65535",
    fits: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  },
  scheduler: aScheduler,
};

/** @throws TypeError or RangeError that names the wrong option. */
export function resolveDhtOptions(options: DhtOptions): ResolvedDhtOptions {
  checkOptions("DhtNode", options, shapes);
  const { bootstrap: named, host, port = 0, scheduler = asyncScheduler } = options;
  const bootstrap = named?.map(nodeOf);
  const isHere = bootstrap?.every((node) => isLoopback(node.host.toLowerCase())) === true;
  if (host !== undefined && isLoopback(host) && !isHere) {
    const text = `host is ${host}, which this machine alone reaches, and the nodes of the DHT are elsewhere; expected one that they reach, such as 0.0.0.0`;
    throw new TypeError(text);
  }
  return { bootstrap, host: host ?? (isHere ? "127.0.0.1" : "0.0.0.0"), port, scheduler };
}

/** @throws TypeError for what is no `host:port`. */
function nodeOf(text: unknown): NamedNode {
  const [, host = "", digits = ""] = /^([^\s:/]+):(\d{1,5})$/.exec(String(text)) ?? [];
  const port = Number(digits);
  if (/^[a-z0-9]/i.test(host) && port >= 1 && port <= 65_535) return { host, port };
  throw new TypeError(`bootstrap is ${JSON.stringify(text)}; it must be HOST:PORT, such as 10.0.0.1:6881`);
}
