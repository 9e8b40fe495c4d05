import type { Observable } from "rxjs";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { FileEvent } from "../node/downloadFile.js";
import type { PlannedFile } from "./PlannedFile.js";

/** An entry of a list, as far as its words alone tell. */
export interface PlannedEntry<Event extends DownloadEvent = FileEvent> {
  /** Address that is asked for the file, or for the Metalink; without a password. */
  readonly source?: string;
  /** The file; or, where a Metalink is to be read, its files, of which each subscription reads anew. */
  readonly files: PlannedFile<Event> | Observable<readonly PlannedFile<Event>[]>;
}
