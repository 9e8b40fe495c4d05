import type { Observable } from "rxjs";
import { sha256 } from "../../adapters/browser/sha256.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { Connection } from "../../seeder/Connection.js";
import { noncesOf } from "../../seeder/noncesOf.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import type { Target } from "../Assembly.js";
import { FileShare } from "../FileShare.js";
import type { PagePlace } from "./PagePlace.js";

/** The file of one run of a download in a page, as others can have it: as `FileShare`, of the bytes in the run's place. */
export class PageShare {
  readonly #shared: SharedFiles;
  readonly #share: FileShare;
  readonly #place: Pick<PagePlace<unknown>, "reader">;
  /** Emits once, when the file is shared no more. */
  readonly over: Observable<void>;

  constructor(shared: SharedFiles, root: string | undefined, place: Pick<PagePlace<unknown>, "reader">) {
    this.#shared = shared;
    this.#share = new FileShare(shared, root, sha256);
    this.#place = place;
    this.over = this.#share.over;
  }

  /** True for the nonce of a connection that the page's own seeder has. */
  readonly isOwn = (nonce: string): boolean => noncesOf(this.#shared).has(nonce);

  /** Hands over a client that came. */
  readonly serve = (client: Connection): void => this.#shared.arrive(client);

  know(facts: FileFacts): void {
    this.#share.know(facts);
  }

  /** The place of the bytes, which is open, from which they are passed on. */
  target(target: Target): Target {
    if ("events" in target) return target;
    const { refusal } = this.#share;
    return { ...target, ...this.#share.grows(this.#bytes()), ...(refusal !== undefined && { notices: [refusal] }) };
  }

  /** Takes in what happened in the run. */
  hear({ type }: DownloadEvent): void {
    if (type === "download-completed") this.#share.completed(() => this.#bytes());
  }

  leave(): void {
    this.#share.leave();
  }

  #bytes(): ProvenBytes {
    const bytes = this.#place.reader();
    if (bytes === undefined) throw new TypeError("the place of the bytes is not open");
    return bytes;
  }
}
