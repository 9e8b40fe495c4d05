import { execFileSync } from "node:child_process";

/** Makes a named pipe, to whose other end nobody will ever come. */
export function makePipe(path: string): string {
  execFileSync("mkfifo", [path]);
  return path;
}
