import type { MirrorAnswer } from "../../discovery/Mirror.js";
import { contentCodings } from "./checkCoding.js";
import { entityTag } from "../../protocol/MirrorFacts.js";
import { announcedIn } from "./announcedIn.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import { mediaType } from "./shapeOf.js";
import { suggestedName } from "./suggestedName.js";

/** An answer as far as it tells what the file is like. */
export function probeOf(
  answer: HttpAnswer,
  { ranges, size, place }: Pick<MirrorAnswer, "ranges" | "place"> & { readonly size: number | undefined },
): MirrorAnswer {
  const etag = entityTag(answer.headers["etag"]);
  const lastModified = answer.headers["last-modified"];
  const name = suggestedName(answer);
  const coding = contentCodings(answer).join(", ");
  const type = mediaType(answer.headers);
  const announced = announcedIn(answer, size);
  return {
    ranges,
    ...(coding === "" ? {} : { coding }),
    ...(type === undefined ? {} : { type }),
    ...(place === undefined ? {} : { place }),
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(name === undefined ? {} : { name }),
    ...(announced === undefined ? {} : { announced }),
  };
}
