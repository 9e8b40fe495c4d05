import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { makeFolder } from "../adapters/node/makeFolder.js";
import { replaceFile } from "../adapters/node/replaceFile.js";
import { stateFolder } from "../adapters/node/stateFolder.js";

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

/** Replaces the file, for its owner's eyes only. Fails as the system says. */
export async function writeDaemonFile(address: DaemonAddress): Promise<void> {
  const path = daemonFile();
  await makeFolder(dirname(path), { mode: 0o700 });
  await replaceFile(path, `${JSON.stringify(address)}\n`, { mode: 0o600 });
}

/** A secret that nobody guesses. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}
