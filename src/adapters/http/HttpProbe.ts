import { type MirrorFacts, strongETag } from "./MirrorFacts.js";
import type { HttpAnswer } from "./HttpLine.js";
import { suggestedName } from "./suggestedName.js";

/** What a mirror tells of its file. */
export interface HttpProbe extends MirrorFacts {
  /** Whether it can start in the middle. */
  readonly ranges: boolean;
  /** What the mirror calls the file: unchecked, and no more than a suggestion. */
  readonly name?: string;
}

/** @param size bytes of the whole file, where the answer tells */
export function probeOf(answer: HttpAnswer, ranges: boolean, size: number | undefined): HttpProbe {
  const etag = strongETag(answer.headers["etag"]);
  const lastModified = answer.headers["last-modified"];
  const name = suggestedName(answer);
  return {
    ranges,
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(name === undefined ? {} : { name }),
  };
}
