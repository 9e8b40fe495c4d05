import { defer } from "rxjs";
import { httpDateMs } from "../protocol/retryAfterMs.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import type { MirrorFile } from "./MirrorFile.js";
import { sampledByAny, sampledHead } from "./samples.js";
import { stillHas } from "./stillHas.js";

/** The file as those mirrors have it that were first to agree on it; `all` are those that turned out to have it, too, by now. */
export function fileOfMirrors(
  answered: readonly AnsweredMirror[],
  all: () => readonly Mirror[],
  discovery: Discovery,
): MirrorFile {
  const modifiedAt = answered.map(({ said }) => httpDateMs(said.lastModified)).find((at) => at !== undefined);
  const coding = answered.find(({ said }) => said.coding !== undefined)?.said.coding;
  const ranged = answered.flatMap(({ mirror, said }) => (said.ranges ? [mirror] : []));
  return {
    ...(modifiedAt !== undefined && { modifiedAt }),
    ...(coding !== undefined && { coding }),
    sample: (ranges) => {
      // The server may let us have no more than one connection.
      for (const { stream } of answered) stream?.close();
      return sampledByAny(ranged, ranges, discovery) ?? sampledHead(answered[0]?.mirror, ranges, discovery);
    },
    stillHas: (places, bringing) => stillHas(all(), discovery)(places, bringing),
  };
}

/** The whole file of a mirror: the answer that is open first, if that is one of the whole, and a new one each time after. */
export function wholeOf({ mirror, stream, said }: AnsweredMirror): Pick<Mirror, "id" | "whole"> {
  const isPart = said.end !== undefined;
  const whole = () => {
    if (stream === undefined || isPart || !stream.standsAt(0)) {
      stream?.close();
      return mirror.whole();
    }
    return stream.read(0, Infinity);
  };
  return { id: mirror.id, whole: () => defer(whole) };
}
