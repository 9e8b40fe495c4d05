import { homedir } from "node:os";
import { join, resolve } from "node:path";
import {
  concat,
  identity,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  pipe,
  switchMap,
  take,
} from "rxjs";
import { aText, anObservable } from "../../../operators/optionShapes.js";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { lockDownload } from "../../adapters/node/lock.js";
import { managerFile } from "../../adapters/node/managerFile.js";
import { removeOld } from "../../adapters/node/oldPart.js";
import { removePart } from "../../adapters/node/removeRemains.js";
import { stateFolder } from "../../adapters/node/stateFolder.js";
import type { ManagerSettings } from "../../control/ManagerSettings.js";
import type { ManagerStore } from "../../control/ManagerStore.js";
import type { ListEvent } from "../list/ListEvent.js";
import type { PlannedEntry } from "../list/PlannedEntry.js";
import { DownloadManager } from "../manager/DownloadManager.js";
import type { Plannable } from "../manager/KnownDownloads.js";
import { failingAsFile } from "../list/planList.js";
import { type DownloadFilesOptions, filesShapes, planFiles } from "./downloadFiles.js";
import type { Means } from "./Means.js";
import { sharedMeans } from "./sharedMeans.js";

export interface ManageDownloadsOptions {
  /** Path of the file in which the downloads are kept. @default `downloads.json` in the user's state folder */
  readonly store?: string | undefined;
  /** Folder of downloads that name none, until that is changed. @default `Downloads` in the user's home */
  readonly dir?: string | undefined;
  /** Signal to end: what runs is paused and saved, and taken up when the manager runs again. @default never */
  readonly pauseWhen?: Observable<unknown> | undefined;
}

const shapes: OptionShapes<ManageDownloadsOptions> = {
  store: aText("the path of a file"),
  dir: aText("the path of a folder"),
  pauseWhen: anObservable("signals to end"),
};

const defaultConcurrency = 3;

/** Where downloads of a user's manager are kept, unless another file is named. */
export function managerPath(): string {
  return join(stateFolder(), "downloads.json");
}

/**
 * A manager of downloads: a queue with priorities, so many at a time, one rate for all, kept in a file, so that it survives restarts and kills:
 *
 *     const manager = manageDownloads();
 *     manager.events.subscribe((event) => ...);
 *     manager.add([{ sources: ["https://host/a"] }, { sources: ["https://host/b", "https://mirror/b"], priority: "high" }]).subscribe();
 *
 * Each download is as `downloadFile` makes it; connections, the rate and what is learned of hosts are shared by all. What was in line when the process ended,
 * however it ended, is taken up when the manager runs again; what has ended is listed until it is removed.
 *
 * @throws TypeError at the call for an option that cannot be, `DownloadError` `LOCAL_IO` when the user has no home to keep anything in.
 */
export function manageDownloads(options: ManageDownloadsOptions = {}): DownloadManager {
  checkOptions("manageDownloads", options, shapes);
  const { store = managerPath(), dir = join(homedir(), "Downloads"), pauseWhen } = options;
  const settings = { concurrency: defaultConcurrency, limitRate: null, dir: resolve(dir), retry: {} };
  return managerOf({ store: managerFile(resolve(store)), settings, pauseWhen });
}

/** A manager of downloads of this machine, as it is wired. */
export interface ManagerWiring {
  readonly store: ManagerStore;
  readonly settings: ManagerSettings;
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** Options of all downloads, over which those of each go. @default none */
  readonly common?: DownloadFilesOptions | undefined;
  /** Stands around the list. @default nothing does */
  readonly around?: MonoTypeOperatorFunction<ListEvent>;
}

export function managerOf({
  store,
  settings,
  pauseWhen,
  common = {},
  around = identity,
}: ManagerWiring): DownloadManager {
  const means = sharedMeans();
  return new DownloadManager(
    {
      store,
      plan: (record, now) => planned(means, record, now, common),
      limit: means.limit,
      discard,
      around: pipe(means.whileUsed, around),
    },
    { settings, pauseWhen },
  );
}

function planned(
  means: Means,
  { added, isForeign = false }: Plannable,
  settings: ManagerSettings,
  common: DownloadFilesOptions,
): PlannedEntry {
  const { sources, options } = added;
  const retry = { ...settings.retry, ...options.retry };
  // Words of clients; `planFiles` holds them to the shapes of the options.
  const given = { ...common, ...options, dir: options.dir ?? settings.dir, retry } as DownloadFilesOptions;
  checkOptions("a download", given, filesShapes);
  return failingAsFile(planFiles(means, sources, given, isForeign));
}

/** Removes what is here of a file that nobody downloads. Errors with `LOCKED` when somebody does, or `LOCAL_IO`. */
function discard(path: string): Observable<never> {
  return lockDownload(`${path}.part`).pipe(
    switchMap(() => concat(removePart(path), removeOld(path), of("removed"))),
    take(1),
    ignoreElements(),
  );
}
