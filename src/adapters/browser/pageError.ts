import { DownloadError } from "../../errors/DownloadError.js";

/** Words for what a browser calls by one name. */
const words: Readonly<Record<string, string>> = {
  QuotaExceededError:
    "the browser gives this page no more room; free some, or ask for more (navigator.storage.persist)",
  NoModificationAllowedError: "another tab has it open",
  NotAllowedError: "the user, or the page's policy, does not allow it",
  SecurityError: "this page has no file system of its own, as in some private windows and without https:",
};

/** The `LOCAL_IO` of what a browser's file system refuses; a `DownloadError` is passed on. */
export function pageError(verb: string, name: string, cause: unknown): DownloadError {
  if (cause instanceof DownloadError) return cause;
  const { name: kind = "Error", message = String(cause) } = (cause ?? {}) as Partial<Error>;
  const text = `cannot ${verb} ${name}: ${words[kind] ?? message} (${kind})`;
  return new DownloadError("LOCAL_IO", text, { cause });
}
