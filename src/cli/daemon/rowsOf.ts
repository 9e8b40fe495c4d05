import { ignoreElements, map, merge, type Observable } from "rxjs";
import { WatchedDownloads } from "../../command.js";
import type { DownloadRow } from "../../node.js";
import type { ReachedDaemon } from "./reachDaemon.js";

/** The downloads of a daemon, now and after each change. */
export function rowsOf({ connection }: ReachedDaemon): Observable<readonly DownloadRow[]> {
  const watched = new WatchedDownloads();
  const rows = connection.updates.pipe(
    map((update) => {
      watched.fold(update);
      return watched.rows;
    }),
  );
  const ask = connection.ask({ type: "watch", list: true }).pipe(ignoreElements());
  return merge(rows, ask);
}

/** The name of a download, as far as it has one, else its first address. */
export function titleOf({ name, sources: [source = ""] }: DownloadRow): string {
  return name ?? source;
}
