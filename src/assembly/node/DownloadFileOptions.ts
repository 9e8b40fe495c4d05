import type { Observable } from "rxjs";
import type { DownloadConfig } from "../../download/DownloadConfig.js";
import type { FileSelection } from "../../discovery/selectFiles.js";
import type { RtcOptions } from "../../adapters/webrtc/RtcOptions.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { Address } from "../../protocol/Address.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import type { PeerFinder } from "../Assembly.js";
import type { AccessOptions } from "../../tools/httpOptions.js";

/** Where a file goes and how it is fetched. */
export interface DownloadFileOptions extends DownloadConfig, AccessOptions {
  /** Path of the file. @default the manifest's name in `dir` */
  readonly out?: string | undefined;
  /** Folder for a file that keeps the manifest's name. @default the working folder */
  readonly dir?: string | undefined;
  /** True when another file of that name may be replaced. @default false */
  readonly overwrite?: boolean | undefined;
  /** The file of a `.meta4`, by its name or its place from 1. @default the only one */
  readonly select?: FileSelection | undefined;
  /**
   * True when mirrors, digests and Metalinks are used of which an `http(s)` address tells in the fields of its answers (RFC 6249, RFC 9530).
   *
   * @default true
   */
  readonly discovery?: boolean | undefined;
  /** Bytes that a `.meta4` may have. @default 4194304 */
  readonly maxMetalinkBytes?: number | undefined;
  /**
   * The digest of the whole file: `sha-256=` (or `sha-512=`, `sha-384=`, `sha-224=`, `sha-1=`, `md5=`) and hex digits, an SRI string such as `sha256-BASE64`,
   * or the path or `http(s)` address of a list such as SHA256SUMS, in which the file is found by its name. Checked when all of it is here.
   * @default not checked
   */
  readonly checksum?: Address | undefined;
  /** Bytes a second at most. @default unlimited */
  readonly limitRate?: number | undefined;
  /**
   * Signal to give the file up: the first emission ends the download as `pauseWhen` does, and what it has of the file is removed before `download-paused` tells
   * so. A download that has not begun with the file removes nothing.
   *
   * @default never
   */
  readonly discardWhen?: Observable<unknown> | undefined;
  /** Where chunks are shared with others as soon as they are proved, and the whole file after its end: see `serveWhile`. @default they are not */
  readonly shared?: SharedFiles | undefined;
  /**
   * True, or how, where the file is also asked of others who download it from the same seeders, over WebRTC, and with `shared` served to them. The seeders
   * bring them together. Needs the package `node-datachannel`, an optional dependency, without which it ends with `LOCAL_IO`.
   *
   * @default false
   */
  readonly rtc?: boolean | RtcOptions | undefined;
  /**
   * True when peers may tell of others that serve the file, and are told where it is served here: peer exchange. It asks strangers, who learn that this address
   * wants the file.
   *
   * @default true when the file is shared
   */
  readonly exchange?: boolean | undefined;
  /** More places that serve the file: links, `ws://host:port`, or `http(s)` mirrors. Each emission is the whole list. @default none */
  readonly peers?: Observable<readonly (Address | NamedAddress)[]> | undefined;
  /**
   * Finds more seeders of a file by its root, once that is known, as a `DhtNode` does: `(root, hear) => node.peers(root, hear)`. What `hear` is told is a
   * `notice`, once, and part of the error when nobody comes. A file without a root is looked for nowhere, of which a `notice` tells.
   * @default nobody is looked for
   */
  readonly findPeers?: PeerFinder | undefined;
  /**
   * The memory of what this user's downloads learned of peers, which is used and added to: true, false for none, or the path of another file. A catalogue
   * holds the addresses of peers and figures, no names of files. @default true: `catalogue.json` in the user's state folder
   */
  readonly catalogue?: boolean | string | undefined;
}
