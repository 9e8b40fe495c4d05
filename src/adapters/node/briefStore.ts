import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defer, EMPTY, NEVER, Observable, of, startWith } from "rxjs";
import type { ManagerStore } from "../../control/ManagerStore.js";
import { localError } from "./localError.js";
import { replaceFile } from "./replaceFile.js";

/** Store of a manager that ends with its process: nothing is kept but documents, in a temporary folder, as long as it is held. All that fails is `LOCAL_IO`. */
export function briefStore(): ManagerStore {
  let folder: string | undefined;
  let documents = 0;
  return {
    hold: () =>
      new Observable((subscriber) => {
        const held = NEVER.pipe(startWith(undefined)).subscribe(subscriber);
        held.add(() => {
          if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
          folder = undefined;
        });
        return held;
      }),
    load: () => of({}),
    save: () => EMPTY,
    keepDocument: (text) =>
      defer(async () => {
        folder ??= mkdtempSync(join(tmpdir(), "tributary-"));
        const document = join(folder, `${(documents += 1)}.meta4`);
        await replaceFile(document, text, { mode: 0o600 }).catch((error: unknown) => {
          throw localError("write", document, error);
        });
        return document;
      }),
  };
}
