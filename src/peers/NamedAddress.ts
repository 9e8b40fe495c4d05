/**
 * How the address of a peer came to be known.
 *
 * - `link`: the user named it, or whatever the program feeds to a download
 * - `metalink`: a Metalink names it
 * - `header`: the answer of a mirror names it (RFC 6249)
 * - `dht`: the distributed hash table lists it
 * - `lan`: it told of itself on the local network
 * - `exchange`: another peer knows it; of WebRTC peers the seeder where they are met, which tells them of each other
 * - `record`: an earlier run of the download met it by one of the three ways before, and kept it in its record
 */
export type PeerOrigin = "link" | "dht" | "lan" | "exchange" | "metalink" | "header" | "record";

/** An address that somebody else than the user named. */
export interface NamedAddress {
  readonly url: string;
  /** True when it may lead to the public network only, because the one that named it is there. */
  readonly publicOnly: boolean;
  readonly source: PeerOrigin;
}
