import type { Agreement } from "../download/Agreement.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { PeerSource } from "../peers/Peer.js";
import type { Mirror } from "./Mirror.js";
import type { MirrorFile } from "./MirrorFile.js";

/** The file and its peers, as they have to be known before the download begins. */
export interface KnownFile {
  readonly facts: FileFacts;
  /** True when a peer chose the name in the facts, and nobody can tell what for. @default false */
  readonly namedByPeer?: boolean;
  readonly peers: PeerSource;
  /** Where nothing but the mirrors says what the file is. */
  readonly mirrorFile?: MirrorFile;
  /** The mirror of a file whose size nobody tells; the one in the facts means nothing then. */
  readonly unsized?: Pick<Mirror, "id" | "whole">;
  /** The address that was asked for, where its answer is of the type of a Metalink and such are followed: then the file is only that document. */
  readonly metalink?: string;
  /** Where the file is that of the first mirror that answered, and the others have not been heard yet. */
  readonly agreement?: Agreement;
}
