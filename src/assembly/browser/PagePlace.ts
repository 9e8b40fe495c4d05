import type { Observable } from "rxjs";
import type { Doubts } from "../../discovery/Doubts.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { MirrorFile } from "../../discovery/MirrorFile.js";
import type { Hashes } from "../../manifest/Hasher.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import type { Target } from "../Assembly.js";

/** The file that is wanted, as it is known before its bytes are asked for. */
export interface PageKnown {
  readonly facts: FileFacts;
  /** @default no mirror is asked what it has */
  readonly mirrorFile?: MirrorFile | undefined;
  readonly hashes: Hashes;
  /** Told of a hash that takes a while, and of what is not as it should be. */
  readonly teller: Pick<Discovery, "clock" | "emit">;
}

/** Place of a file's bytes in a page. */
export interface PagePlace<Result> {
  /** Facts of a file of which something is here: of this root, unless there is but one file. Emits once; what cannot be used is told to `onTrouble`. */
  kept(root: string, onTrouble: (message: string) => void): Observable<FileFacts | undefined>;
  /** True when something of the file may be here. */
  readonly isBegun: boolean;
  /** Place for the bytes, with what is here of them, where that is of no other version than the mirrors have now; or that the whole is here. */
  open(known: PageKnown, doubts: Doubts): Observable<Target>;
  /** Removes what is here, once the run has paused. */
  remove(): Observable<never>;
  /** The run is over, or was left. */
  leave(): void;
  /** Bytes of the file that was opened last, for others: also of the whole one. */
  reader(): ProvenBytes | undefined;
  /** The whole file, after a run that completed. */
  result(): Result;
}
