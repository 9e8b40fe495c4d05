import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { draftName } from "../adapters/node/drafts.js";
import { localError } from "../adapters/node/localError.js";
import { holderOf } from "../adapters/node/lock.js";
import { isOfHere } from "../adapters/node/processIdentity.js";
import { stateFolder } from "../adapters/node/stateFolder.js";
import { managerPath } from "../assembly/node/manageDownloads.js";

const schema = v.object({
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  token: v.pipe(v.string(), v.minLength(16)),
  pid: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** Way to a daemon: `pid` is absent when it has ended. */
export type DaemonAddress = v.InferOutput<typeof schema>;

/** File in the state folder that says how the daemon of this user is reached. */
export function daemonFile(): string {
  return join(stateFolder(), "daemon.json");
}

/** Address that the last daemon left, of one that runs or not; nothing where there is none, or none that can be read. */
export function readDaemonFile(): DaemonAddress | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(daemonFile(), "utf8")));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Not there, or not ours: a daemon that starts writes it anew.
    return undefined;
  }
}

/**
 * The daemon of this user: `listening` where it is reached by its address, `held` while another has its list, as one that begins or ends, or a program, or
 * `none`. The lock of the list says which: the number of a process that was killed may be another's by now.
 */
export type FoundDaemon =
  | { readonly state: "listening"; readonly pid: number; readonly address: DaemonAddress }
  | { readonly state: "held"; readonly pid: number }
  | { readonly state: "none" };

/** @throws DownloadError `LOCKED` or `LOCAL_IO` when the lock cannot be read. */
export function lookForDaemon(): FoundDaemon {
  const holder = holderOf(managerPath());
  if (holder === undefined) return { state: "none" };
  const address = readDaemonFile();
  const { pid } = holder;
  return address?.pid === pid && isOfHere(holder) ? { state: "listening", pid, address } : { state: "held", pid };
}

/**
 * Replaces the file, for its owner's eyes only, in a folder that is there. At once: what is written for a daemon that ends may not come after what the next
 * one writes.
 *
 * @throws DownloadError `LOCAL_IO`
 */
export function writeDaemonFile(address: DaemonAddress): void {
  const path = daemonFile();
  const draft = draftName(path);
  try {
    writeFileSync(draft, `${JSON.stringify(address)}\n`, { mode: 0o600, flag: "wx", flush: true });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw localError("write", path, error);
  }
}

/** A secret that nobody guesses. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}
