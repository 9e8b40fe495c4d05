import type { Observable } from "rxjs";
import type { StillHas } from "../download/StillHas.js";
import type { ByteRange } from "../peers/Peer.js";

/** The file as its mirrors have it, for whoever has some of it and wants to know whether it is the same. */
export interface MirrorFile {
  /** When it was changed last, as far as a mirror tells; ms since the epoch. */
  readonly modifiedAt?: number;
  /** The codings that its bytes have, as a mirror says. */
  readonly coding?: string;
  /**
   * The bytes at a few places, as text; see `printOf`. Nothing when no mirror can start in the middle, unless all of the places are at the start of
   * the file.
   */
  sample(ranges: readonly ByteRange[]): Observable<string> | undefined;
  /** Asks the mirrors that brought the file whether they still have what came first. */
  readonly stillHas?: StillHas;
}
