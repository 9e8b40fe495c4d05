// What a page loads when it serves, with what makes downloads: code that both need is in one part then, and in that of the download alone.
import { merge, type Observable } from "rxjs";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { createSeeder } from "../../seeder/createSeeder.js";
import type { SeederEvent } from "../../seeder/SeederEvent.js";
import { serveArrivals } from "../../seeder/serveArrivals.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import { serveUntil } from "../../tools/serveUntil.js";
import { assemblePage, type PageAssembly } from "./assemblePage.js";
import { PageShare } from "./PageShare.js";
import type { PageServeOptions } from "./serveWhile.js";

/** Makes runs whose file is shared, as `assemblePage` makes any. */
export const assembleShared =
  (shared: SharedFiles) =>
  (page: PageAssembly): Observable<DownloadEvent> =>
    assemblePage(page, new PageShare(shared, page.given.sources.root, page.place));

/** Runs downloads, and serves what they share to those who come, until a limit is reached. */
export function servePage<T>(
  downloads: Observable<T>,
  shared: SharedFiles,
  { limitRate, ratio, minutes }: PageServeOptions,
): Observable<T | SeederEvent> {
  const seeder = createSeeder(shared, limitRate === undefined ? {} : { limitRateBytesPerSecond: limitRate });
  const server = serveArrivals(seeder, shared);
  // Whoever comes first finds the seeder there.
  const both = (events: Observable<SeederEvent>, work: Observable<T>): Observable<T | SeederEvent> =>
    merge(events, work);
  return serveUntil(shared, { ratio, minutes }, { downloads, server, both });
}
