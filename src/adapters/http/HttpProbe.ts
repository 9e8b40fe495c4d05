import { mediaType } from "./AnswerShape.js";
import { entityTag, type MirrorFacts } from "./MirrorFacts.js";
import type { HttpAnswer } from "./HttpLine.js";
import { suggestedName } from "./suggestedName.js";

/** What a mirror tells of its file. */
export interface HttpProbe extends MirrorFacts {
  /** Whether it can start in the middle. */
  readonly ranges: boolean;
  /** Its media type, in small letters, without parameters. */
  readonly type?: string;
  /** Where its file is, if redirects led there: origin and path. */
  readonly place?: string;
  /** What the mirror calls the file: unchecked, and no more than a suggestion. */
  readonly name?: string;
}

/** The answer to a probe, as far as it tells. */
export function probeOf(
  answer: HttpAnswer,
  { ranges, size, place }: Pick<HttpProbe, "ranges" | "place"> & { readonly size: number | undefined },
): HttpProbe {
  const etag = entityTag(answer.headers["etag"]);
  const lastModified = answer.headers["last-modified"];
  const name = suggestedName(answer);
  const type = mediaType(answer.headers);
  return {
    ranges,
    ...(type === undefined ? {} : { type }),
    ...(place === undefined ? {} : { place }),
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(name === undefined ? {} : { name }),
  };
}
