import type { CatalogueContent } from "./Catalogue.js";

/** The version that this program writes, and the newest that it reads. */
export const catalogueVersion = 1;

/** A catalogue as plain JSON. */
export function encodeCatalogue(content: CatalogueContent): unknown {
  return { version: catalogueVersion, ...content };
}
