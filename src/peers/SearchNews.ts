/** The state of a search for peers of a file. */
export interface SearchNews {
  /** Where: the distributed hash table, or the local network. */
  readonly by: "dht" | "lan";
  /** `silent`: nobody answers there; `unknown`: they answer, and know nobody who may be asked; `found`: somebody is found. */
  readonly outcome: "silent" | "unknown" | "found";
  /** Words for people, which begin with a small letter: why, and what would be right. */
  readonly message: string;
}

/** Takes news of a search; the same may come again. */
export type HearSearch = (news: SearchNews) => void;
