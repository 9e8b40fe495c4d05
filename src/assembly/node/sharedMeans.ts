import { defer, finalize, type Observable } from "rxjs";
import { sharedLine } from "../../adapters/http/sharedLine.js";
import { Folders } from "../../adapters/node/Folders.js";
import { codeOf } from "../../errors/codeOf.js";
import type { Backpressure } from "./Backpressure.js";
import { ClaimedPlaces } from "./ClaimedPlaces.js";
import { type Means, ownMeans } from "./Means.js";

/** The means of downloads that run together, and what ends them with the last one. */
export interface SharedMeans extends Means {
  /** Means for one file whose path is known before anybody is asked: in each run it has that path before all files whose names are learned. */
  readonly ofPlanned: (path: string) => Means;
  /** Changes the rate of them all together, bytes a second. */
  readonly limit: (limitRate: number | undefined) => void;
  /** Gives planned files their paths, in their order, and lets go of connections, paths and the rate when the source ends or is left. */
  readonly whileUsed: <T>(source: Observable<T>) => Observable<T>;
}

/** Means that last for one run of a list. */
interface Run {
  readonly folders: Folders;
  readonly places: ClaimedPlaces<Means>;
  backpressure?: Backpressure;
  /** Rate that was wished for since the run began. */
  rate?: { readonly limit: number | undefined };
}

/** Means for a list: its files share connections by host, one rate, and have a path each. */
export function sharedMeans(): SharedMeans {
  const lines = new Map<unknown, ReturnType<typeof sharedLine>>();
  const planned: { readonly own: Means; readonly path: string }[] = [];
  const newRun = (): Run => ({ folders: new Folders(), places: new ClaimedPlaces() });
  let run = newRun();
  const sharedBy = (own: Means): Means => ({
    ...own,
    connect: (ca) => {
      const key = typeof ca === "object" ? ca.join("\n") : ca;
      const line = lines.get(key) ?? sharedLine(own.connect(ca));
      lines.set(key, line);
      return line.connect;
    },
    backpressure: (limitRate) =>
      (run.backpressure ??= own.backpressure(run.rate === undefined ? limitRate : run.rate.limit)),
    folders: () => run.folders,
    lock: (path) => {
      run.places.claim(own, path);
      return own.lock(path);
    },
    leave: () => run.places.leave(own),
    ofOneFile: () => sharedBy(ownMeans()),
  });
  return {
    ...sharedBy(ownMeans()),
    ofPlanned: (path) => {
      const own = ownMeans();
      planned.push({ own, path });
      const means: Means = { ...sharedBy(own), ofOneFile: () => means };
      return means;
    },
    limit: (limit) => {
      run.rate = { limit };
      run.backpressure?.limit(limit);
    },
    whileUsed: (source) =>
      defer(() => {
        for (const { own, path } of planned) claimInOrder(run.places, own, path);
        return source;
      }).pipe(
        finalize(() => {
          lines.forEach((line) => line.close());
          run = newRun();
        }),
      ),
  };
}

/** A file whose path is one of an earlier file's is told so when its turn comes. */
function claimInOrder(places: ClaimedPlaces<Means>, own: Means, path: string): void {
  try {
    places.claim(own, path);
  } catch (error) {
    if (codeOf(error) !== "TARGET_EXISTS") throw error;
  }
}
