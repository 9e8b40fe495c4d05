import type { Observable } from "rxjs";

/** A file was announced to those who may look for it. */
export type AnnouncedEvent =
  /** A file is announced, again each time that is done. */
  {
    readonly type: "announced";
    /** Where: the distributed hash table, or the local network. */
    readonly by: "dht" | "lan";
    /** Root of the file. */
    readonly root: string;
    /** Nodes of the table that took it; 0 when none did, and it is tried again soon. */
    readonly nodes?: number;
  };

/** Announces files that are served at a port of this machine, by their roots, for as long as each is in the list and until it is unsubscribed. */
export type Announcer = (port: number, roots: Observable<ReadonlySet<string>>) => Observable<AnnouncedEvent>;
