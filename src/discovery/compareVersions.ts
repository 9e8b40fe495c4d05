import { describeShape, isWeaker } from "../protocol/AnswerShape.js";
import { areOtherDates, sameDate } from "../protocol/MirrorFacts.js";
import type { FileFacts } from "../manifest/Manifest.js";

/** A reason to believe that the bytes here are of another version than the mirrors'. */
export interface OtherVersion {
  /** As in "the file is not the one that this download began with: ...". */
  readonly why: string;
  /** True when the mirrors' answers are too weak to take the place of those before, however often they say it. */
  readonly isWeak: boolean;
  /** Where it is another ETag: the new one. */
  readonly etag?: string;
}

/** A version of a file as its mirrors told of it; without a size where none told. */
export interface ToldVersion {
  readonly size?: number;
  readonly mirrors?: FileFacts["mirrors"];
}

/**
 * The relation of two versions by the mirrors' words alone: a strong ETag that stayed, beside a date that did not change, says that they are one; another
 * one, or another size, that they are two; all else has to be seen in the bytes. Where these cannot be compared, `byDate` is what the dates say.
 */
export function compareVersions(
  before: ToldVersion,
  now: ToldVersion,
): "same" | OtherVersion | { readonly byDate: "same" | OtherVersion | undefined } {
  const isWeak = areWeaker(before, now);
  if (now.size !== before.size) {
    if (isWeak) return { why: `the answer was ${told(now)}, where it had ${before.size ?? 0} bytes`, isWeak };
    return { why: `its size was ${before.size ?? 0} and is ${now.size ?? 0}`, isWeak };
  }
  let same = false;
  let changed: OtherVersion | undefined;
  let hasSameDate = false;
  for (const [mirror, { etag, lastModified }] of Object.entries(now.mirrors ?? {})) {
    const { etag: oldTag, lastModified: oldDate } = before.mirrors?.[mirror] ?? {};
    if (etag !== undefined && oldTag !== undefined) {
      if (etag !== oldTag) return { why: `its ETag was ${oldTag} and is ${etag}`, isWeak, etag };
      same = true;
    }
    hasSameDate ||= lastModified !== undefined && sameDate(lastModified, oldDate);
    if (areOtherDates(lastModified, oldDate)) {
      changed ??= { why: `it was last changed on ${oldDate ?? ""} and is of ${lastModified ?? ""} now`, isWeak };
    }
  }
  if (same && changed === undefined) return "same";
  return { byDate: changed ?? (hasSameDate ? "same" : undefined) };
}

/** True when every mirror's answer is weaker than the best of those before. */
function areWeaker(before: ToldVersion, now: ToldVersion): boolean {
  const [past, present] = [before, now].map(({ mirrors }) => Object.values(mirrors ?? {})) as [Told[], Told[]];
  if (past.length === 0) return now.size === undefined;
  const ranges = past.some((mirror) => mirror.ranges === true);
  const types = new Set(past.map(({ type }) => type));
  return present.every(({ ranges: parts = false, type }) =>
    isWeaker(
      { ranges: parts, size: now.size, type },
      { ranges, isSized: before.size !== undefined, type: types.has(type) ? type : past[0]?.type },
    ),
  );
}

type Told = NonNullable<FileFacts["mirrors"]>[string];

function told({ size, mirrors }: ToldVersion): string {
  const [first] = Object.values(mirrors ?? {});
  return describeShape({ ranges: first?.ranges ?? false, size, type: first?.type });
}
