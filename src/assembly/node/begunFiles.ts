import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { catchError, concatMap, defer, EMPTY, filter, from, map, mergeMap, type Observable, of, take } from "rxjs";
import { readCheckpoint } from "../../adapters/node/checkpointStore.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import type { Place } from "./prepareTarget.js";

const ending = ".part.json";
/** Records of a folder that are looked at for that of a file whose name nobody knows yet, and how many at a time. */
const mostRecords = 256;
const atOnce = 8;

/** A file that an earlier run has begun. */
export interface BegunFile {
  /** Where it will be when it is whole. */
  readonly path: string;
  readonly record: Checkpoint;
}

/**
 * The files of a root that earlier runs have begun, by their records: that of its name, where this is known, or else those in the folder. None where there is
 * no record, or none that can be read, of which the download itself tells.
 *
 * @param name as it is known, if it is
 */
export function begunFiles(root: string, { out, dir = "." }: Place, name = out): Observable<BegunFile> {
  const paths = name === undefined ? pathsIn(dir) : of(resolve(dir, out ?? name));
  return paths.pipe(
    mergeMap((path) => begunAt(path), atOnce),
    filter(({ record }) => record.root === root),
  );
}

/** File that an earlier run has begun by this path, whatever its root; nothing where there is no record, or none that can be read. */
export function begunAt(path: string): Observable<BegunFile> {
  return readCheckpoint(path + ending).pipe(
    map((record) => ({ path, record })),
    catchError(() => EMPTY),
  );
}

function pathsIn(dir: string): Observable<string> {
  return defer(() => readdir(dir)).pipe(
    // A folder that is not there yet has no records.
    catchError(() => of<string[]>([])),
    concatMap((names) => from(names.filter((each) => each.endsWith(ending)))),
    take(mostRecords),
    map((each) => join(dir, each.slice(0, -ending.length))),
  );
}
