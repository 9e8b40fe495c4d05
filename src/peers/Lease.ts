import type { Observable } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";

/** One leg's hold on a peer and a slot. It ends once; what comes after the end is ignored. */
export interface Lease {
  /** Emits when the peer may not go on serving. */
  readonly cut: Observable<DownloadError>;
  received(bytes: number): void;
  /** Everything came. */
  delivered(): void;
  /** It broke after real progress: nobody's failure. */
  broken(error: DownloadError): void;
  failed(error: DownloadError): void;
  /** We stopped it: nobody's failure. */
  cancelled(): void;
}
