import { DownloadError } from "../../errors/DownloadError.js";

/** Why a metalink cannot be used. */
export function refuse(reason: string): never {
  throw new DownloadError("INVALID_MANIFEST", `the metalink is refused: ${reason}`);
}
