import { map, type Observable } from "rxjs";
import { managerPath, peekManager } from "../../command.js";
import type { DownloadRow } from "../../node.js";

/** The downloads as they are kept while no daemon runs; those that ran wait for the next one. */
export function keptRows(): Observable<readonly DownloadRow[]> {
  return peekManager(managerPath()).pipe(
    map((record) =>
      (record?.downloads ?? []).map(({ added, path, ...kept }) => ({
        ...{ bytesPerSecond: 0, peers: 0, retries: 0, recovering: 0 },
        ...kept,
        state: kept.state === "running" ? ("waiting" as const) : kept.state,
        sources: added.sources,
        dir: added.options.dir ?? record?.settings.dir ?? "",
        ...(kept.state === "completed" && path !== undefined && { path }),
      })),
    ),
  );
}
