import { getSystemErrorMap } from "node:util";

/** Words of the system for an error, and its code: "no such file or directory (ENOENT)"; of other errors their message. */
export function systemWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno, message } = error as NodeJS.ErrnoException;
  const [code, words] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  return code === undefined ? message : `${words} (${code})`;
}

/** True for an error of a call to the system, with the path that was of no use if it names one: a full disk, a folder that is not there. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "errno" in error;
}
