import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { concat, concatMap, defer, EMPTY, finalize, ignoreElements, type Observable, switchMap } from "rxjs";
import { localError } from "./localError.js";
import { syncFolder } from "./syncFolder.js";

/**
 * Writes a stream of bytes to `<path>.part`, from its start, each piece before the next is asked for; gives it the name `path` when it has
 * ended, after `check`. Emits what is written, piece by piece. What is not at its end when the stream errors or is unsubscribed is removed.
 * Errors as the stream and `check` do, and with `LOCAL_IO`.
 */
export function streamToFile(
  path: string,
  source: Observable<Uint8Array>,
  check: () => Observable<never> = () => EMPTY,
): Observable<Uint8Array> {
  const part = `${path}.part`;
  const io = <T>(verb: string, work: () => Promise<T>): Observable<T> =>
    defer(() =>
      work().catch((cause: unknown) => {
        throw localError(verb, part, cause);
      }),
    );
  return io("open", () =>
    open(part, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o666),
  ).pipe(
    switchMap((file) => {
      let named = false;
      let last: Promise<unknown> = Promise.resolve();
      const write = (bytes: Uint8Array): Promise<Uint8Array> => {
        const written = writeAll(file, bytes);
        last = written;
        return written;
      };
      const finish = async (): Promise<void> => {
        await file.sync();
        await rename(part, path);
        named = true;
        await syncFolder(dirname(path));
      };
      return concat(
        source.pipe(concatMap((bytes) => io("write", () => write(bytes)))),
        defer(check),
        io("finish", finish).pipe(ignoreElements()),
      ).pipe(
        finalize(() => {
          // A write that is under way cannot be called back.
          const over = last.catch(() => undefined).then(() => file.close());
          const cleared = named ? over : over.finally(() => rm(part, { force: true }));
          cleared.catch(() => undefined);
        }),
      );
    }),
  );
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<Uint8Array> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  return bytes;
}
