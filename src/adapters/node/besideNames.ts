import { manifestEnding } from "../../storage/ManifestStore.js";

/**
 * Endings of the names beside a file that its download may take: its bytes, their record, also a damaged one, the manifest, the lock, and what is left of an
 * older version. A file of another download by such a name would be written over, or removed.
 */
export const besideNames = [
  ".part",
  ".part.json",
  ".part.json.damaged",
  manifestEnding,
  ".part.lock",
  ".part.old",
  ".part.old.json",
];
