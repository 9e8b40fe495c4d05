import type { Observable } from "rxjs";
import { concatMap, map, of, take, tap } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { isBusy } from "../errors/isBusy.js";
import { isTransientError } from "../errors/isTransientError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { type AskMirrorConfig, askMirror } from "./askMirror.js";
import { checkOneFile } from "./checkOneFile.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import { openMirror } from "./openMirror.js";
import { quorum } from "./quorum.js";
import { nobodyHasIt, notComparable, otherBytes, otherSize } from "./refusals.js";
import { sampled, sampleRanges } from "./samples.js";

/** The facts that a survey begins with, and the listeners that hear of mirrors which are not used. */
export interface SurveyConfig {
  /** Bytes of the file, where they are known from elsewhere. */
  readonly size?: number | undefined;
  /** Whether some of the file may be here, so that nobody may want its beginning. @default it may not */
  readonly isBegun?: (() => boolean) | undefined;
  /** Whether they are said to be of one file by more than standing side by side. @default false */
  readonly isOneFile?: boolean;
  /** Told of each mirror that is not used, and why. */
  readonly refuse: (mirror: Mirror, error: DownloadError) => void;
  /** Told of each mirror that failed in passing, and is asked again later. */
  readonly postpone: (mirror: Mirror, error: DownloadError) => void;
}

/** Mirrors that answer so much later than the first one may join later; while most have not answered, they are waited for. */
const grace = { graceMs: 250, longestMs: 1500 } as const;

/**
 * Finds out which of several mirrors have the same file, when nobody knows a digest of it: asks each for its size and validators, and compares
 * a few bytes of theirs. The majority decides, in a tie the order given; a mirror that differs is refused with `RESOURCE_CHANGED`, one that fails in passing
 * may join later. Mirrors that send only whole files cannot be compared: when there are no others, the first of them is used, and no other.
 *
 * Emits those that agree, once: when all have answered, or a moment after the first. Errors when nobody has the file: with what the last
 * mirror said, or `FILE_NOT_FOUND_ANYWHERE`; and with `DIFFERENT_FILES`, see `checkOneFile`.
 */
export function surveyMirrors(
  mirrors: Observable<readonly Mirror[]>,
  config: SurveyConfig,
  discovery: Discovery,
): Observable<readonly AnsweredMirror[]> {
  const { size: known, isOneFile = false } = config;
  const mayDiffer = known === undefined && !isOneFile;
  return mirrors.pipe(
    take(1),
    tap((all) => known !== undefined && all.forEach((mirror) => mirror.expect({ size: known }))),
    concatMap((all) => {
      // An only mirror is not compared: the first question is the download.
      const ask = all.length === 1 && config.isBegun?.() !== true ? openMirror : probed;
      return answers(all, (mirror, asking) => ask(mirror, discovery, asking), config, discovery);
    }),
    tap((all) => mayDiffer && checkOneFile(all, ({ said }) => said.size?.toString())),
    map((all) => comparable(sameSize(all, config), config)),
    concatMap((all) => compared(all, mayDiffer, config, discovery)),
    tap((all) => all.forEach(({ mirror, said }) => mirror.expect(said))),
  );
}

/** Asks a mirror what its file is like. */
export function probed(mirror: Mirror, discovery: Discovery, asking?: AskMirrorConfig): Observable<AnsweredMirror> {
  return askMirror(mirror, () => mirror.probe(), discovery, asking).pipe(map((said) => ({ mirror, said })));
}

/** The answers of those that answered; the others are refused, or asked again later, when they wish. */
function answers<T>(
  asked: readonly Mirror[],
  ask: (mirror: Mirror, asking: AskMirrorConfig) => Observable<T>,
  { refuse, postpone }: SurveyConfig,
  { clock }: Discovery,
): Observable<readonly T[]> {
  const failing = new Map<Mirror, DownloadError>();
  const asking = (mirror: Mirror): AskMirrorConfig => ({ onAgain: (error) => failing.set(mirror, error) });
  return quorum(asked, (mirror) => ask(mirror, asking(mirror)), { ...grace, scheduler: clock }).pipe(
    map((results) => {
      const failures = results.flatMap((result) => ("error" in result ? [result] : []));
      if (failures.length === results.length) {
        // That of an only mirror is the failure itself.
        if (failures.length > 1) for (const { work, error } of failures) refuse(work, toDownloadError(error));
        throw nobodyHasIt(failures.map(({ error }) => error));
      }
      for (const { work, error } of failures) {
        const why = toDownloadError(error);
        if (isTransientError(why)) postpone(work, why);
        else refuse(work, why);
      }
      for (const [mirror, error] of failing) {
        const isLeft = !results.some(({ work }) => work === mirror);
        if (isLeft && isBusy(error)) postpone(mirror, error);
      }
      return results.flatMap((result) => ("value" in result ? [result.value] : []));
    }),
  );
}

function comparable(all: readonly AnsweredMirror[], { refuse }: SurveyConfig): readonly AnsweredMirror[] {
  const ranged = all.filter(({ said }) => said.ranges);
  const used = ranged.length > 0 ? ranged : all.slice(0, 1);
  for (const each of all) if (!used.includes(each)) refuse(each.mirror, notComparable(each.mirror.id));
  return used;
}

/** The mirrors of which a few bytes are the same. */
function compared(
  all: readonly AnsweredMirror[],
  mayDiffer: boolean,
  config: SurveyConfig,
  discovery: Discovery,
): Observable<readonly AnsweredMirror[]> {
  const size = all[0]?.said.size;
  if (all.length < 2 || size === undefined) return of(all);
  const answered = new Map(all.map((each) => [each.mirror, each]));
  const print = (mirror: Mirror, asking: AskMirrorConfig) =>
    sampled(mirror, sampleRanges(size), discovery, asking).pipe(
      map((text) => ({ answer: answered.get(mirror) as AnsweredMirror, text })),
    );
  return answers([...answered.keys()], print, config, discovery).pipe(
    map((prints) => {
      const textOf = new Map(prints.map(({ answer, text }) => [answer, text]));
      if (mayDiffer) checkOneFile([...textOf.keys()], (answer) => textOf.get(answer));
      const { agreed, others } = majority(prints, ({ text }) => text);
      for (const { answer } of others) config.refuse(answer.mirror, otherBytes(answer.mirror.id));
      for (const { answer } of agreed) discovery.emit({ type: "mirror-compared", peer: answer.mirror.id });
      return agreed.map(({ answer }) => answer);
    }),
  );
}

/** The mirrors whose file has the size that most of those tell that serve ranges, if any does. */
function sameSize(all: readonly AnsweredMirror[], { refuse }: SurveyConfig): readonly AnsweredMirror[] {
  const telling = all.filter(({ said }) => said.size !== undefined);
  // A page in place of the file is sent whole, and has no say where others serve ranges.
  const ranged = telling.filter(({ said }) => said.ranges);
  const common = majority(ranged.length > 0 ? ranged : telling, ({ said }) => String(said.size)).agreed[0]?.said.size;
  if (common === undefined) return all;
  const others = all.filter(({ said }) => said.size !== common);
  for (const { mirror, said } of others) {
    refuse(mirror, said.size === undefined ? notComparable(mirror.id) : otherSize(mirror.id, said.size, common));
  }
  return all.filter(({ said }) => said.size === common);
}

/** The items with the key that most have, and the others. A tie is decided by the order given: the side of the first has it. */
export function majority<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): { readonly agreed: readonly T[]; readonly others: readonly T[] } {
  const sides = new Map<string, T[]>();
  for (const item of items) sides.set(keyOf(item), [...(sides.get(keyOf(item)) ?? []), item]);
  const [agreed = []] = [...sides.values()].sort((a, b) => b.length - a.length);
  return { agreed, others: items.filter((item) => !agreed.includes(item)) };
}
