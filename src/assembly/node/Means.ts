import { connectNode } from "../../adapters/http/connectNode.js";
import type { ConnectHttp } from "../../adapters/http/HttpLine.js";
import { Folders } from "../../adapters/node/Folders.js";
import { lockDownload } from "../../adapters/node/lock.js";
import { userCatalogue } from "../../adapters/node/userCatalogue.js";
import type { Catalogue } from "../../storage/Catalogue.js";
import type { AccessOptions } from "../../tools/httpOptions.js";
import { Backpressure } from "./Backpressure.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { DownloadLock } from "./DownloadLock.js";

/** The means of this machine that a download uses, which several may share. */
export interface Means {
  /** Connections to mirrors. */
  readonly connect: (ca: AccessOptions["ca"]) => ConnectHttp;
  /** Bound on the bytes that come a second, and on those that wait for the disk. */
  readonly backpressure: (limitRate: number | undefined) => Backpressure;
  readonly catalogue: (option: Exclude<DownloadFileOptions["catalogue"], undefined>) => Catalogue | undefined;
  readonly folders: () => Folders;
  /** The lock of a file at a path, which is the same in each of its runs. Throws `TARGET_EXISTS` when the path was given to another file. */
  readonly lock: (path: string) => DownloadLock;
  /** Lets go of the path of the file, so that another may have it. */
  readonly leave: () => void;
  /** Means of one of several files that share these. */
  readonly ofOneFile: () => Means;
}

/** The means of a download that is alone. */
export function ownMeans(): Means {
  return {
    connect: (ca) => connectNode(ca === undefined ? {} : { ca }),
    backpressure: (limitRate) => new Backpressure(limitRate === undefined ? {} : { limitRate }),
    catalogue: userCatalogue,
    folders: () => new Folders(),
    lock: locksByPath(),
    leave: () => undefined,
    ofOneFile: ownMeans,
  };
}

function locksByPath(): Means["lock"] {
  const locks = new Map<string, DownloadLock>();
  return (path) => {
    const lock = locks.get(path) ?? new DownloadLock(lockDownload(`${path}.part`));
    locks.set(path, lock);
    return lock;
  };
}
