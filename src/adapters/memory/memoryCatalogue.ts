import { defer, EMPTY, of } from "rxjs";
import type { Catalogue, CatalogueContent } from "../../storage/Catalogue.js";
import { noTotals } from "../../storage/Totals.js";
import { addDelta } from "../../storage/addDelta.js";

/** A catalogue that can be looked at. */
export interface MemoryCatalogue extends Catalogue {
  /** A copy of the content as it is now. */
  content(): CatalogueContent;
}

/** Keeps what downloads learn in memory, for downloads of this program. Synchronous, so it fits virtual time. */
export function memoryCatalogue(initial: CatalogueContent = { peers: {}, totals: noTotals }): MemoryCatalogue {
  // Copied both ways, as a disk does.
  let known = structuredClone(initial);
  return {
    load: () => defer(() => of(structuredClone(known))),
    record: (delta) =>
      defer(() => {
        known = structuredClone(addDelta(known, delta));
        return EMPTY;
      }),
    content: () => structuredClone(known),
  };
}
