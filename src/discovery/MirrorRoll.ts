import { ReplaySubject } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Validators } from "../manifest/Manifest.js";
import { strongETag } from "../protocol/MirrorFacts.js";
import type { AdmissionConfig } from "./admitLateMirrors.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror, MirrorAnswer } from "./Mirror.js";

/** The mirrors of a search, by what became of them; told as it happens. */
export class MirrorRoll implements AdmissionConfig {
  /** Mirrors that have the file. */
  readonly members = new Set<Mirror>();
  readonly refused = new Set<Mirror>();
  /** Mirrors that failed in passing, and how. */
  readonly postponed = new Map<Mirror, DownloadError>();
  /** Mirrors in whose place others may be asked; each once. */
  readonly spent = new ReplaySubject<Mirror>(Infinity);
  /** Words of the members on their version; grows with them, so that a record of the download has those of all. */
  readonly said: Record<string, Validators> = {};
  readonly #spent = new Set<Mirror>();
  readonly #discovery: Discovery;

  constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  readonly admit = ({ mirror, said }: AnsweredMirror): void => {
    mirror.expect(said);
    this.members.add(mirror);
    this.said[said.place ?? mirror.id] = validatorsOf(said);
  };

  readonly spend = (mirror: Mirror): void => {
    if (this.#spent.has(mirror)) return;
    this.#spent.add(mirror);
    this.spent.next(mirror);
  };

  readonly refuse = (mirror: Mirror, { code, message }: DownloadError): void => {
    this.members.delete(mirror);
    this.refused.add(mirror);
    this.spend(mirror);
    this.#discovery.emit({ type: "mirror-refused", peer: mirror.id, code, message });
  };

  readonly postpone = (mirror: Mirror, error: DownloadError): void => {
    this.postponed.set(mirror, error);
    this.spend(mirror);
    this.#discovery.emit({ type: "mirror-postponed", peer: mirror.id, code: error.code, message: error.message });
  };
}

/** A weak ETag says nothing of another run's bytes. */
function validatorsOf({ etag: said, lastModified, ranges, type }: MirrorAnswer): Validators {
  const etag = strongETag(said);
  return {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(ranges && { ranges }),
    ...(type !== undefined && { type }),
  };
}
