import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { DownloadError } from "../../errors/DownloadError.js";

/** The surroundings that decide where a user's state is kept. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: () => string;
}

const here: Surroundings = { env: process.env, platform: process.platform, home };

/**
 * The folder for what one user's downloads remember: `TRIBUTARY_STATE` if it is set, else the place that the system has for
 * such things.
 *
 * Source: XDG Base Directory Specification 0.8, which also says that a relative `XDG_STATE_HOME` is to be ignored.
 *
 * @throws DownloadError `LOCAL_IO` when the user has no home.
 */
export function stateFolder({ env, platform, home }: Surroundings = here): string {
  const { TRIBUTARY_STATE: own = "", XDG_STATE_HOME: xdg = "", LOCALAPPDATA: local = "" } = env;
  if (own !== "") return resolve(own);
  if (platform === "win32") return join(local === "" ? join(home(), "AppData", "Local") : local, "tributary");
  if (platform === "darwin") return join(home(), "Library", "Application Support", "tributary");
  return join(isAbsolute(xdg) ? xdg : join(home(), ".local", "state"), "tributary");
}

function home(): string {
  try {
    return homedir();
  } catch (cause) {
    const text = "this user has no home folder to keep anything in; set TRIBUTARY_STATE to a folder";
    throw new DownloadError("LOCAL_IO", text, { cause });
  }
}
