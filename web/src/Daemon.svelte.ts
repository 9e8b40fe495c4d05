import { switchMap, tap, merge, ignoreElements } from "rxjs";
import {
  type ControlConnection,
  type DownloadRow,
  type ManagerSettings,
  type ManagerTotal,
  WatchedDownloads,
} from "../../src/page.js";
import { reconnecting, type Way } from "./reconnecting.js";

/** The daemon as the page sees it: a fold of what it says, and the way to it. */
export class Daemon {
  way = $state.raw<Way>({ state: "lost", why: "connecting" });
  rows = $state.raw<readonly DownloadRow[]>([]);
  total = $state.raw<ManagerTotal>({ bytesPerSecond: 0, counts: {} });
  settings = $state.raw<ManagerSettings | undefined>(undefined);

  /** Begins to listen; the result ends it. */
  run(): () => void {
    const listening = reconnecting((way) => (this.way = way))
      .pipe(switchMap((connection) => this.#watch(connection)))
      .subscribe();
    return () => listening.unsubscribe();
  }

  #watch(connection: ControlConnection) {
    const watched = new WatchedDownloads();
    const updates = connection.updates.pipe(
      tap((update) => {
        watched.fold(update);
        this.rows = watched.rows;
        this.total = watched.total;
        this.settings = watched.settings;
      }),
    );
    return merge(updates, connection.ask({ type: "watch", list: true })).pipe(ignoreElements());
  }
}
