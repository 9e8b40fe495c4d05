import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { catchError, defer, from, ignoreElements, map, type Observable, switchMap, throwError } from "rxjs";
import * as v from "valibot";
import { type ManagerRecord, managerRecordSchema, recordVersion } from "../../control/ManagerRecord.js";
import type { LoadedManager, ManagerStore } from "../../control/ManagerStore.js";
import { codeOf } from "../../errors/codeOf.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { describeIssue } from "../../storage/describeIssue.js";
import { uninterruptible } from "../../storage/uninterruptible.js";
import { removeDrafts } from "./drafts.js";
import { readJson, setAside, writeJson } from "./jsonRecord.js";
import { localError } from "./localError.js";
import { lockDownload } from "./lock.js";
import { makeFolder } from "./makeFolder.js";
import { replaceFile } from "./replaceFile.js";
import { turns } from "./turns.js";

/** A hundred thousand downloads stay below. */
const maxBytes = 256 * 1024 * 1024;

const forOwner = { mode: 0o600 };

/**
 * Keeps a manager in the JSON file `path`, and documents in the folder `documents` beside it, for their owner's eyes only. A damaged file is renamed to
 * `<path>.damaged`, with a notice; one of a newer version is left as it is, and cannot be loaded. All that fails is `LOCAL_IO`.
 */
export function managerFile(path: string): ManagerStore {
  const inTurn = turns(path);
  const folder = dirname(path);
  const documents = join(folder, "documents");
  return {
    hold: () =>
      from(makeFolder(folder, { mode: 0o700 })).pipe(
        switchMap(() => lockDownload(path)),
        map(() => undefined),
        catchError((error: unknown) => throwError(() => (codeOf(error) === "LOCKED" ? inUse(path, error) : error))),
      ),
    load: () =>
      inTurn("read", async () => {
        await removeDrafts(path);
        const loaded = await load(path);
        await sweep(path, documents, loaded.record);
        return loaded;
      }),
    save: (record) => uninterruptible(inTurn("write", () => writeJson(path, record, forOwner))).pipe(ignoreElements()),
    keepDocument: (text) =>
      defer(async () => {
        const document = join(documents, `${createHash("sha256").update(text).digest("hex")}.meta4`);
        await makeFolder(documents, { mode: 0o700 });
        await replaceFile(document, text, forOwner).catch((error: unknown) => {
          throw localError("write", document, error);
        });
        return document;
      }),
  };
}

function inUse(path: string, cause: unknown): DownloadError {
  const text = `another daemon, or another program, has the downloads in ${path}; there is one at a time`;
  return new DownloadError("LOCKED", text, { cause });
}

async function load(path: string): Promise<LoadedManager> {
  const json = await readManager(path);
  if (!("damage" in json)) return json;
  const kept = await setAside(path);
  return {
    notice: `The list of downloads was unreadable (${json.damage}) and is kept as ${kept}; an empty one begins`,
  };
}

/** The record at a path, or its damage; changes nothing on the disk. Rejects with `LOCAL_IO` when it was written by a newer version. */
async function readManager(path: string): Promise<{ record?: ManagerRecord } | { readonly damage: string }> {
  const json = await readJson(path, undefined, maxBytes);
  if (json === undefined) return {};
  if (json instanceof SyntaxError) return { damage: json.message };
  const { version } = Object(json) as { readonly version?: unknown };
  if (typeof version === "number" && version > recordVersion) {
    const text = `${path} has version ${version}, expected at most ${recordVersion}: it was written by a newer program`;
    throw new DownloadError("LOCAL_IO", text);
  }
  const parsed = v.safeParse(managerRecordSchema, json);
  return parsed.success ? { record: parsed.output } : { damage: describeIssue(parsed.issues[0]) };
}

/** Downloads that are kept at a path, for those who only look; nothing where nothing is kept or it is damaged. Errors with `LOCAL_IO`. */
export function peekManager(path: string): Observable<ManagerRecord | undefined> {
  return turns(path)("read", async () => {
    const found = await readManager(path);
    return "damage" in found ? undefined : found.record;
  });
}

/** Removes the documents that no download names; none beside a list that was set aside, which may name them. */
async function sweep(path: string, documents: string, record: ManagerRecord | undefined): Promise<void> {
  const beside = await readdir(dirname(path));
  if (beside.some((name) => name.startsWith(`${basename(path)}.damaged`))) return;
  const found = await readdir(documents, { withFileTypes: true }).catch(() => []);
  const named = new Set(record?.downloads.flatMap(({ added }) => added.sources).map((source) => basename(source)));
  for (const entry of found)
    if (entry.isFile() && !named.has(entry.name)) await rm(join(documents, entry.name), { force: true });
}
