import type { Observable } from "rxjs";
import { concatMap, map, NEVER, of, tap } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { isTransientError } from "../errors/isTransientError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { checkOneFile } from "./checkOneFile.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import type { MirrorAnswers } from "./MirrorAnswers.js";
import { quorum } from "./quorum.js";
import { nobodyHasIt, notComparable, otherBytes, otherSize } from "./refusals.js";

/** The facts that a survey begins with, and the listeners that hear of mirrors which are not used. */
export interface SurveyConfig {
  /** Bytes of the file, where they are known from elsewhere. */
  readonly size?: number | undefined;
  /** Whether they are said to be of one file by more than standing side by side. @default false */
  readonly isOneFile?: boolean;
  /** Emits when somebody waits for the decision: mirrors that have failed in passing are left out of it then. @default nobody does */
  readonly hurry?: Observable<unknown>;
  /** Told of each mirror that is not used, and why. */
  readonly refuse: (mirror: Mirror, error: DownloadError) => void;
  /** Told of each mirror that failed in passing, and is asked again later. */
  readonly postpone: (mirror: Mirror, error: DownloadError) => void;
}

/** Mirrors that answer so much later than the first one may join later; while most have not answered, they are waited for. */
const grace = { graceMs: 250, longestMs: 1500 } as const;

/**
 * Decides which of several mirrors have the same file, when nobody knows a digest of it: by size and validators of each, and a few bytes. The
 * majority decides, in a tie the order given; a mirror that differs is refused with `RESOURCE_CHANGED`, one that fails in passing
 * may join later. Mirrors that send only whole files cannot be compared: when there are no others, the first of them is used, and no other.
 *
 * Emits those that agree, once: when all have answered, or a moment after the first. Errors when nobody has the file: with what the last
 * mirror said, or `FILE_NOT_FOUND_ANYWHERE`; and with `DIFFERENT_FILES`, see `checkOneFile`.
 */
export function surveyMirrors(
  mirrors: Observable<readonly Mirror[]>,
  answers: MirrorAnswers,
  config: SurveyConfig,
  discovery: Discovery,
): Observable<readonly AnsweredMirror[]> {
  const { failing } = answers;
  return inTime(mirrors, (mirror) => answers.answerOf(mirror), { ...config, failing }, discovery).pipe(
    tap((all) => mayDiffer(config) && checkOneFile(all, ({ said }) => said.size?.toString())),
    map((all) => comparable(sameSize(all, config), config)),
    concatMap((all) => compared(all, answers, config, discovery)),
  );
}

/** True when the addresses may be of two files, which somebody wants to have both. */
export function mayDiffer({ size, isOneFile = false }: Pick<SurveyConfig, "size" | "isOneFile">): boolean {
  return size === undefined && !isOneFile;
}

/** The answers that come in time; mirrors that have failed by then are refused, or asked again later. */
function inTime<T>(
  mirrors: Observable<readonly Mirror[]>,
  ask: (mirror: Mirror) => Observable<T>,
  { refuse, postpone, hurry = NEVER, failing }: SurveyConfig & { readonly failing: Observable<Mirror> },
  { clock }: Discovery,
): Observable<readonly T[]> {
  return quorum(mirrors, ask, { ...grace, failing, hurry, scheduler: clock }).pipe(
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
      return results.flatMap((result) => ("value" in result ? [result.value] : []));
    }),
  );
}

function comparable(all: readonly AnsweredMirror[], { refuse }: SurveyConfig): readonly AnsweredMirror[] {
  const ranged = all.filter(({ said }) => said.ranges);
  const used = ranged.length > 0 ? ranged : all.slice(0, 1);
  // An empty file is an empty file.
  const left = all.filter((each) => !used.includes(each) && each.said.size !== 0);
  for (const { mirror } of left) refuse(mirror, notComparable(mirror.id));
  return used;
}

/** The mirrors of which a few bytes are the same. */
function compared(
  all: readonly AnsweredMirror[],
  answers: MirrorAnswers,
  config: SurveyConfig,
  discovery: Discovery,
): Observable<readonly AnsweredMirror[]> {
  const size = all[0]?.said.size;
  if (all.length < 2 || size === undefined) return of(all);
  const answered = new Map(all.map((each) => [each.mirror, each]));
  const print = (mirror: Mirror) =>
    answers.printOf(mirror, size).pipe(map((text) => ({ answer: answered.get(mirror) as AnsweredMirror, text })));
  const mirrors = of([...answered.keys()]);
  return inTime(mirrors, print, { ...config, failing: answers.failingPrints }, discovery).pipe(
    map((prints) => {
      const textOf = new Map(prints.map(({ answer, text }) => [answer, text]));
      if (mayDiffer(config)) checkOneFile([...textOf.keys()], (answer) => textOf.get(answer));
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
