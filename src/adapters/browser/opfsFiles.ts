import { defer, type Observable } from "rxjs";
import { pageError } from "./pageError.js";

/* Small files in the private file system of the page's origin, which a browser replaces as a whole. */

/** Gives works on one file their turns, as they are subscribed, each to its end. Errors are `LOCAL_IO`. */
export function opfsTurns(name: string): <T>(verb: string, work: () => Promise<T>) => Observable<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (verb, work) =>
    defer(() => {
      const turn = last.then(work).catch((cause: unknown) => {
        throw pageError(verb, name, cause);
      });
      last = turn.catch(() => undefined); // the one who asked hears of it
      return turn;
    });
}

/** Names of the files that end so. */
export async function namesInOpfs(ending: string): Promise<readonly string[]> {
  const root = await navigator.storage.getDirectory();
  const names: string[] = [];
  for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) {
    if (name.endsWith(ending)) names.push(name);
  }
  return names;
}

/** File of this name; nothing where there is none. */
export async function fileInOpfs(name: string): Promise<File | undefined> {
  const root = await navigator.storage.getDirectory();
  try {
    return await (await root.getFileHandle(name)).getFile();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The value that a text is JSON of; the `SyntaxError` where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

/** Puts this text in the place of what has the name. */
export async function replaceInOpfs(name: string, text: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(text);
  await stream.close();
}

/** Removes a file, if it is there. */
export async function removeFromOpfs(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(name).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";
