/** Types of the package `bittorrent-dht`, which has none: the part of it that is used here. */
declare module "bittorrent-dht" {
  import type { EventEmitter } from "node:events";

  export interface DhtPlace {
    readonly host: string;
    readonly port: number;
  }

  export interface DhtConfig {
    readonly bootstrap?: readonly DhtPlace[];
    /** A socket that is used in place of one of its own. */
    readonly socket?: unknown;
    /** Milliseconds for which an announcement is kept for others. */
    readonly maxAge?: number;
    readonly maxPeers?: number;
    readonly maxValues?: number;
  }

  export default class DHT extends EventEmitter {
    constructor(config?: DhtConfig);
    /** The nodes that it knows: those that have asked or answered. */
    readonly nodes: { toArray(): readonly unknown[] };
    /** Emits `peer` for each address that a node tells; the result keeps it from telling more. */
    lookup(key: Uint8Array, done?: (error: Error | null, nodes?: number) => void): () => void;
    announce(key: Uint8Array, port: number, done?: (error: Error | null, nodes?: number) => void): void;
    destroy(done?: () => void): void;
  }
}
