import { finalize, type Observable } from "rxjs";
import { sharedLine } from "../../adapters/http/sharedLine.js";
import { Folders } from "../../adapters/node/Folders.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Backpressure } from "./Backpressure.js";
import { type Means, ownMeans } from "./Means.js";

/** The means of downloads that run together, and what ends them with the last one. */
export interface SharedMeans extends Means {
  /** Lets go of connections and paths when the source ends or is left. */
  readonly whileUsed: <T>(source: Observable<T>) => Observable<T>;
}

/** Means for a list: its files share connections by host, one rate, and have a path each. */
export function sharedMeans(): SharedMeans {
  const lines = new Map<unknown, ReturnType<typeof sharedLine>>();
  const owners = new Map<string, Means>();
  let folders = new Folders();
  let backpressure: Backpressure | undefined;
  const means = (): Means => {
    const own = ownMeans();
    let claimed: string | undefined;
    return {
      ...own,
      connect: (ca) => {
        const key = typeof ca === "object" ? ca.join("\n") : ca;
        const line = lines.get(key) ?? sharedLine(own.connect(ca));
        lines.set(key, line);
        return line.connect;
      },
      backpressure: (limitRate) => (backpressure ??= own.backpressure(limitRate)),
      folders: () => folders,
      lock: (path) => {
        const owner = owners.get(path) ?? own;
        if (owner !== own) throw isTaken(path);
        // A file has one path: one that it had before is free again.
        if (claimed !== undefined && owners.get(claimed) === own) owners.delete(claimed);
        claimed = path;
        owners.set(path, own);
        return own.lock(path);
      },
      ofOneFile: means,
    };
  };
  return {
    ...means(),
    whileUsed: (source) =>
      source.pipe(
        finalize(() => {
          lines.forEach((line) => line.close());
          owners.clear();
          folders = new Folders();
        }),
      ),
  };
}

function isTaken(path: string): DownloadError {
  const text = `${path} is the place of another file of the list, too; choose another name or folder for one of them`;
  return new DownloadError("TARGET_EXISTS", text);
}
