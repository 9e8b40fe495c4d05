import { map, type Observable } from "rxjs";
import type { Totals } from "../storage/Totals.js";
import { catalogueIn, type CatalogueOptions, contentOf } from "./knownPeers.js";
import { sumOf } from "../storage/counts.js";

/** All runs of this user's downloads together. A share is from 0 to 1, and absent where there is nothing to share. */
export interface DownloadStats extends Totals {
  /** Completed runs, of those that were completed or failed. */
  readonly completionShare?: number;
  /** Chunks that were verified after a failure, of those that failed. */
  readonly recoveryShare?: number;
  /** Bytes received in vain, of all that were received. */
  readonly wasteShare?: number;
}

/** The totals, one emission; changes nothing. Errors with `LOCAL_IO` when the catalogue cannot be read or is damaged. */
export function downloadStats(options: CatalogueOptions = {}): Observable<DownloadStats> {
  const { catalogue } = catalogueIn("downloadStats", options);
  return contentOf(catalogue).pipe(
    map(({ totals }) => {
      const { completed, failed, recoveredChunks, troubledChunks, waste, received } = totals;
      const completion = share(completed, completed + sumOf(failed));
      const recovery = share(recoveredChunks, troubledChunks);
      const wasted = share(sumOf(waste), received);
      return {
        ...totals,
        ...(completion !== undefined && { completionShare: completion }),
        ...(recovery !== undefined && { recoveryShare: recovery }),
        ...(wasted !== undefined && { wasteShare: wasted }),
      };
    }),
  );
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
