import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of PEM files. */
export interface Authority {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes an authority, and a certificate of it for these addresses, in `folder`, with `openssl`. An authority of its own, which
 * each program is told to trust: a program that checks nothing would do less than the others.
 */
export async function makeAuthority(folder: string, hosts: readonly string[]): Promise<Authority> {
  const path = (name: string): string => join(folder, name);
  const [ca, caKey, cert, key] = [path("ca.pem"), path("ca.key"), path("server.pem"), path("server.key")];
  const [request, extensions] = [path("server.csr"), path("server.ext")];
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  await run("openssl", [
    ...["req", "-x509", ...newKey, "-keyout", caKey, "-out", ca, "-days", "2", "-subj", "/CN=authority of the bench"],
    ...["-addext", "basicConstraints=critical,CA:TRUE"],
  ]);
  await run("openssl", ["req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=mirror of the bench"]);
  await writeFile(extensions, `subjectAltName=${hosts.map((host) => `IP:${host}`).join(",")}\n`);
  await run("openssl", [
    ...["x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial"],
    ...["-out", cert, "-days", "2", "-extfile", extensions],
  ]);
  return { ca, cert, key };
}
