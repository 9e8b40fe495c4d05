import { DownloadError } from "./DownloadError.js";

/** The error of code that an `import()` could not load: without a network, or of a page that was deployed anew under other names. */
export function notLoaded(what: string, thrown: unknown): DownloadError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  const text = `the code of ${what} could not be loaded: ${why}; try again, or reload the page if it was deployed anew`;
  return new DownloadError("LOCAL_IO", text, { cause: thrown });
}
