import { open } from "node:fs/promises";
import { isErrno } from "./localError.js";
import { onceThereIsRoom } from "./onceThereIsRoom.js";

/** Makes new, renamed and removed names in a folder survive a power loss, where the system can do that for folders. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await onceThereIsRoom(() => open(path, "r")).catch(unlessUnable);
  await folder?.sync().catch(unlessUnable);
  await folder?.close();
}

/** Windows opens no folders, and some file systems sync none. */
function unlessUnable(error: unknown): undefined {
  if (!isErrno(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP")) throw error;
}
