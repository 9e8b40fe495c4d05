import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  type Observable,
  throwError,
} from "rxjs";
import { localError } from "./localError.js";
import { syncFolder } from "./syncFolder.js";

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

export interface StreamToFileConfig {
  /** Has the last word on the file before it gets its name. @default nothing */
  readonly check?: () => Observable<never>;
  /** Told of what is done with the file at the very end; it never fails. */
  readonly onLeaving?: (leaving: Promise<unknown>) => void;
}

/**
 * Writes a stream of bytes to `<path>.part`, from its start, and gives it the name `path` when it has ended, after `check`. Emits what is
 * written, piece by piece. When the stream errors, what came of it is removed before the error is passed on; when it is unsubscribed,
 * soon after, when the promise that `onLeaving` is told of is kept. Errors as the stream and `check` do, and with `LOCAL_IO`.
 */
export function streamToFile(
  path: string,
  source: Observable<Uint8Array>,
  { check = () => EMPTY, onLeaving }: StreamToFileConfig = {},
): Observable<Uint8Array> {
  const part = `${path}.part`;
  return defer(() => {
    const opened = open(part, flags, 0o666);
    let named = false;
    /** What is done with the file now. It cannot be called back. */
    let work: Promise<unknown> = opened;
    const io = <T>(verb: string, begin: () => Promise<T>): Observable<T> =>
      defer(() => {
        const begun = begin();
        work = begun;
        return begun.catch((cause: unknown) => {
          throw localError(verb, part, cause);
        });
      });
    const finish = async (file: FileHandle): Promise<void> => {
      await file.sync();
      await file.close();
      await rename(part, path);
      named = true;
      await syncFolder(dirname(path));
    };
    const leave = async (): Promise<void> => {
      await work.catch(() => undefined); // its own subscriber heard of it
      const file = await opened;
      await file.close();
      if (!named) await rm(part, { force: true });
    };
    let left: Promise<unknown> | undefined;
    // Once, and whatever becomes of it: the file is of no use any more, and why is known by then.
    const leaveOnce = (): Promise<unknown> => (left ??= leave().catch(() => undefined));

    return io("open", () => opened).pipe(
      concatMap((file) =>
        concat(
          source.pipe(concatMap((bytes) => io("write", () => writeAll(file, bytes)))),
          defer(check),
          io("finish", () => finish(file)).pipe(ignoreElements()),
        ),
      ),
      catchError((error: unknown) => from(leaveOnce()).pipe(concatMap(() => throwError(() => error)))),
      finalize(() => {
        const leaving = leaveOnce();
        onLeaving?.(leaving);
      }),
    );
  });
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<Uint8Array> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  return bytes;
}
