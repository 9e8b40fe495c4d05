import { defer, type Observable } from "rxjs";
import type { KnownFile } from "../../discovery/KnownFile.js";
import type { Target } from "../Assembly.js";
import type { DownloadLock } from "./DownloadLock.js";
import { openNamedByPeer } from "./openNamedByPeer.js";
import { openTarget, type OpenTargetConfig } from "./openTarget.js";

export interface TargetPlaceConfig extends Pick<OpenTargetConfig, "overwrite" | "folders" | "backpressure" | "share"> {
  /** Path that the user gave the file. @default its own name in `dir` */
  readonly out: string | undefined;
  readonly dir: string | undefined;
  readonly lockOf: (path: string) => DownloadLock;
}

/** The place of a download on the disk: under the name that it was given, or that it turned out to have. One lock at a time is held there. */
export class TargetPlace {
  readonly #config: TargetPlaceConfig;
  #taken: DownloadLock | undefined;
  #path = "";

  constructor(config: TargetPlaceConfig) {
    this.#config = config;
  }

  /** Where the file is, or will be; empty before it was opened. */
  get path(): string {
    return this.#path;
  }

  /** Opens the place that a file is to have by its name. Errors as `openTarget` and `openNamedByPeer` do. */
  open(suggested: string, known: KnownFile, heard: Pick<OpenTargetConfig, "doubts" | "discovery">): Observable<Target> {
    const { out, dir = ".", lockOf, overwrite, ...config } = this.#config;
    const folder = out === undefined ? dir : undefined;
    const openAt = (at: string, isFree: boolean): Observable<Target> =>
      defer(() => {
        this.leave();
        const lock = lockOf(at);
        this.#path = at;
        const onLocked = (): void => void (this.#taken = lock);
        return openTarget(at, known, { ...config, ...heard, lock, folder, onLocked, overwrite: overwrite && !isFree });
      });
    const isNamed = out !== undefined || known.namedByPeer !== true;
    return isNamed ? openAt(suggested, false) : openNamedByPeer(suggested, known.facts.root, openAt);
  }

  leave(): void {
    this.#taken?.leave();
  }
}
