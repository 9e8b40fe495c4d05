import type { Observable } from "rxjs";
import type { RemoteAddress, Scope } from "./Scope.js";

/** Where this end serves the files that it downloads. */
export interface Door {
  readonly port: number;
  /** True for `wss://`. */
  readonly tls: boolean;
  /** From where it can be reached. */
  readonly scope: Scope;
  /** The IP address, where it is one alone: others are told of the door over connections from there only. @default all addresses of this machine */
  readonly address?: string | undefined;
}

/** A server's word on others that serve the file. */
export interface Told {
  /** Name of the server. */
  readonly teller: string;
  /** Address of the server; absent where the platform tells none. */
  readonly remote: RemoteAddress | undefined;
  /** As it wrote them. */
  readonly places: readonly string[];
}

/** Peer exchange, as the connections of a download take part in it. */
export interface PeerExchange {
  /** `undefined` while the file is not served. */
  readonly door: Observable<Door | undefined>;
  readonly hear: (told: Told) => void;
  /** Called with the place of a peer that was told of, dialled, and did not greet. */
  readonly unanswered: (place: string) => void;
}
