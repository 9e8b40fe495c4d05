import { codeOfSystem } from "./connectionFailure.js";

const meanings: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "no host has this name",
  EACCES: "this user may not have that port",
};

/** Words for people: why a server cannot listen there; port 0 is any. */
export function listenFailure(host: string, port: number, error: Error): string {
  return `cannot listen on ${host}${port === 0 ? "" : ` port ${port}`}: ${meanings[codeOfSystem(error)] ?? error.message}`;
}
