import { defer, EMPTY, of } from "rxjs";
import type { Catalogue, CatalogueContent } from "../../storage/Catalogue.js";
import { noTotals } from "../../storage/Totals.js";
import { withLesson } from "../../storage/withLesson.js";

/** A catalogue that can be looked at. */
export interface MemoryCatalogue extends Catalogue {
  /** What is known now. */
  content(): CatalogueContent;
}

/** Keeps what downloads learn in memory, for downloads of this program. Synchronous, so it fits virtual time. */
export function memoryCatalogue(initial: CatalogueContent = { peers: {}, totals: noTotals }): MemoryCatalogue {
  // Copied both ways, as a disk does.
  let known = structuredClone(initial);
  return {
    load: () => defer(() => of(structuredClone(known))),
    learn: (lesson) =>
      defer(() => {
        known = structuredClone(withLesson(known, lesson));
        return EMPTY;
      }),
    content: () => structuredClone(known),
  };
}
