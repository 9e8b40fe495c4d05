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
  const owners = new Map<string, symbol>();
  let folders = new Folders();
  let backpressure: Backpressure | undefined;
  const means = (owner: symbol): Means => ({
    connect: (ca) => {
      const key = typeof ca === "object" ? ca.join("\n") : ca;
      const line = lines.get(key) ?? sharedLine(ownMeans.connect(ca));
      lines.set(key, line);
      return line.connect;
    },
    backpressure: (limitRate) => (backpressure ??= ownMeans.backpressure(limitRate)),
    catalogue: ownMeans.catalogue,
    folders: () => folders,
    claim: (path) => {
      const taken = owners.get(path) ?? owner;
      if (taken !== owner) throw isTaken(path);
      owners.set(path, owner);
    },
    ofOneFile: () => means(Symbol("file")),
  });
  return {
    ...means(Symbol("list")),
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
