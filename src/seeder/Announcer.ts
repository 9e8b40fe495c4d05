import type { Observable } from "rxjs";

export type AnnouncedEvent =
  /** A file was announced to those who may look for it. */
  {
    readonly type: "announced";
    /** Where: the distributed hash table, or the local network. */
    readonly by: "dht" | "lan";
    /** Root of the file. */
    readonly root: string;
    /** Nodes of the table that took it; 0 when none did, and it is tried again soon. */
    readonly nodes?: number;
    /** Words for people: why no node took it. */
    readonly message?: string;
  };

/** Announces files that are served at a port of this machine, by their roots, for as long as each is in the list and until it is unsubscribed. */
export type Announcer = (port: number, roots: Observable<ReadonlySet<string>>) => Observable<AnnouncedEvent>;
