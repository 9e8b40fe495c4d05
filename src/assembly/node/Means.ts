import { connectNode } from "../../adapters/http/connectNode.js";
import type { ConnectHttp } from "../../adapters/http/HttpLine.js";
import { Folders } from "../../adapters/node/Folders.js";
import { userCatalogue } from "../../adapters/node/userCatalogue.js";
import type { Catalogue } from "../../storage/Catalogue.js";
import type { Access } from "../../tools/httpOptions.js";
import { Backpressure } from "./Backpressure.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";

/** The means of this machine that a download uses, which several may share. */
export interface Means {
  /** Connections to mirrors. */
  readonly connect: (ca: Access["ca"]) => ConnectHttp;
  /** What may come a second, and wait for the disk. */
  readonly backpressure: (limitRate: number | undefined) => Backpressure;
  readonly catalogue: (option: Required<DownloadFileOptions>["catalogue"]) => Catalogue | undefined;
  readonly folders: () => Folders;
  /** Called with the path of a file before it is looked at. Throws `TARGET_EXISTS` when another file was given it. */
  readonly claim: (path: string) => void;
  /** The same means, as one of several files uses them. */
  readonly ofOneFile: () => Means;
}

/** The means of a download that is alone. */
export const ownMeans: Means = {
  connect: (ca) => connectNode(ca === undefined ? {} : { ca }),
  backpressure: (limitRate) => new Backpressure(limitRate === undefined ? {} : { limitRate }),
  catalogue: userCatalogue,
  folders: () => new Folders(),
  claim: () => undefined,
  ofOneFile: () => ownMeans,
};
