import { systemDisk } from "./Disk.js";
import { isErrno } from "./localError.js";

/** Makes new, renamed and removed names in a folder survive a power loss, where the system can do that for folders. */
export async function syncFolder(path: string, disk = systemDisk): Promise<void> {
  const folder = await disk.open(path, "r").catch(unlessUnable);
  try {
    await folder?.sync().catch(unlessUnable);
  } finally {
    await folder?.close();
  }
}

/** Windows opens no folders, and some file systems sync none. */
function unlessUnable(error: unknown): undefined {
  if (!isErrno(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP")) throw error;
}
