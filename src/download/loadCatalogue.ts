import type { Observable } from "rxjs";
import { catchError, map, of } from "rxjs";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Catalogue, LoadedCatalogue } from "../storage/Catalogue.js";

/** What the catalogue says of peers. */
export type Recalled = Pick<LoadedCatalogue, "peers" | "notice"> & {
  /** Where to leave what is learned: nowhere without a catalogue, nor beside one that cannot be read. */
  readonly catalogue?: Catalogue;
};

/** What earlier downloads learned. Never an error: a download goes on without, and says so. */
export function loadCatalogue(catalogue: Catalogue | undefined): Observable<Recalled> {
  if (catalogue === undefined) return of({ peers: {} });
  return catalogue.load().pipe(
    map((remembered): Recalled => ({ ...remembered, catalogue })),
    catchError((error: unknown) => {
      const notice = `What earlier downloads learned cannot be used: ${toDownloadError(error).message}`;
      return of<Recalled>({ peers: {}, notice });
    }),
  );
}
