/** A peer that a stranger told of, and that was of use to a download: another run of it knows whom to ask when nobody is there who could tell. */
export interface MetPeer {
  /** `ws://host:port` or `wss://host:port`. */
  readonly url: string;
  readonly source: "exchange" | "dht" | "lan";
  /** Bytes of chunks that proved right, in all runs. */
  readonly bytes: number;
}

/** The ways by which strangers come to be known. */
export const metBy = ["exchange", "dht", "lan"] as const satisfies readonly MetPeer["source"][];
