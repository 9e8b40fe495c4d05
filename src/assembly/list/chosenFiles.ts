import { map, type OperatorFunction } from "rxjs";
import { type FileSelection, selectFiles } from "../../discovery/selectFiles.js";
import type { Sources } from "../../discovery/parseSources.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";
import type { PlannedFile } from "./PlannedFile.js";

/** Words on the files of a Metalink. */
export interface Choice {
  /** Name of the Metalink in messages. */
  readonly title: string;
  /** Files of it that are wanted; all where none is named. */
  readonly select: readonly FileSelection[];
  /** Sources beside the Metalink, which are of one file. */
  readonly others: Sources;
  /** Name or place that one file can have. */
  readonly place: string | undefined;
}

/**
 * The files of a Metalink that are chosen, each with its download as `plan` makes it. Errors as the choice does, and with a `TypeError` when there are several
 * and one name or one mirror for them all.
 */
export function chosenFiles<Event extends DownloadEvent>(
  { title, select, others, place }: Choice,
  plan: (file: MetalinkFile) => Omit<PlannedFile<Event>, "name" | "size">,
): OperatorFunction<readonly MetalinkFile[], readonly PlannedFile<Event>[]> {
  return map((all) => {
    const chosen = selectFiles(all, select);
    const several = `${title} names ${chosen.length} files`;
    if (chosen.length > 1 && place !== undefined)
      throw new TypeError(`${several}, and ${place} can be the name of one; select it, or give a folder`);
    if (chosen.length > 1 && (others.root !== undefined || others.mirrors.length > 0))
      throw new TypeError(`${several}, and the other sources are of one; select it, or leave them out`);
    return chosen.map((file) => {
      const { name, size } = file;
      return { ...plan(file), name, ...(size !== undefined && { size }) };
    });
  });
}
