import { DownloadError } from "./DownloadError.js";

/** The error of an optional package that an `import()` could not load; `what` needs it. */
export function notInstalled(what: string, name: string, thrown: unknown): DownloadError {
  const { code, message } = Object(thrown) as { readonly code?: unknown; readonly message?: unknown };
  const why =
    code === "ERR_MODULE_NOT_FOUND" ? `is not installed: npm install ${name}` : `cannot be loaded: ${String(message)}`;
  return new DownloadError("LOCAL_IO", `${what} needs the package ${name}, which ${why}`, { cause: thrown });
}
