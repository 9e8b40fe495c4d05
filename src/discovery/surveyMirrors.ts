import type { Observable } from "rxjs";
import { concatMap, defer, map, NEVER, of, tap } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { isTransientError } from "../errors/isTransientError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { checkOneFile } from "./checkOneFile.js";
import type { Discovery } from "./Discovery.js";
import { isComparable } from "./isComparable.js";
import { majority, type Majority } from "./majority.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import type { MirrorAnswers } from "./MirrorAnswers.js";
import { quorum } from "./quorum.js";
import { nobodyHasIt, notComparable, otherBytes, otherSize } from "./refusals.js";

/** The facts that a survey begins with, and the listeners that hear of mirrors which are not used. */
export interface SurveyConfig {
  /** Bytes of the file, where they are known from elsewhere. */
  readonly size?: number | undefined;
  /** True when the mirrors are said to be of one file by more than standing side by side. @default false */
  readonly isOneFile?: boolean;
  /** Emits when somebody waits for the decision: mirrors that have failed in passing are left out of it then. @default nobody does */
  readonly hurry?: Observable<unknown>;
  /** Asks for more mirrors, where no side has a majority yet; answers whether there are any. @default there are none */
  readonly askMore?: () => boolean;
  /** Told of each mirror that is not used, and why. */
  readonly refuse: (mirror: Mirror, error: DownloadError) => void;
  /** Told of each mirror that failed in passing, and is asked again later. */
  readonly postpone: (mirror: Mirror, error: DownloadError) => void;
}

/** Mirrors that answer so much later than the first one may join later; while most have not answered, they are waited for. */
const grace = { graceMs: 250, longestMs: 1500 } as const;

/**
 * Decides which of several mirrors have the same file, when nobody knows a digest of it: by size and validators of each, and a few bytes. The
 * majority decides; a mirror that differs is refused with `RESOURCE_CHANGED`, one that fails in passing
 * may join later. Mirrors that send only whole files cannot be compared: when there are no others, the first of them is used, and no other.
 *
 * Where no side has more than half, those that are late are waited for and more are asked, again and again; when nobody is left, the largest side decides, and
 * of as large ones that of the first in the order given.
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
  const { askMore = () => false } = config;
  const counted = (count: Count): Observable<readonly AnsweredMirror[]> =>
    defer(() => {
      const news: (() => void)[] = [];
      const tell = (): void => {
        for (const each of news) each();
      };
      const told: Told = {
        refuse: (mirror, error) => news.push(() => config.refuse(mirror, error)),
        postpone: (mirror, error) => news.push(() => config.postpone(mirror, error)),
        same: ({ id }) => news.push(() => discovery.emit({ type: "mirror-compared", peer: id })),
      };
      return vote(mirrors, answers, { ...config, ...count, ...told }, discovery).pipe(
        tap({ next: (agreed) => agreed && tell(), error: tell }),
        concatMap((agreed) => (agreed ? of(agreed) : counted({ isFirst: false, isLast: !askMore() }))),
      );
    });
  return counted({ isFirst: true, isLast: false });
}

/** Count of a survey. Answers are kept, so that the next one hears them at once. */
interface Count {
  readonly isFirst: boolean;
  /** True when the count decides though no side has a majority. */
  readonly isLast: boolean;
}

/** The listeners of a count, whose news are told only when it decides. */
interface Told extends Pick<SurveyConfig, "refuse" | "postpone"> {
  /** Told of each mirror that turned out to have the same bytes. */
  readonly same: (mirror: Mirror) => void;
}

type VoteConfig = SurveyConfig & Count & Told;

/** The mirrors that agree; nothing where that is not clear. */
function vote(
  mirrors: Observable<readonly Mirror[]>,
  answers: MirrorAnswers,
  config: VoteConfig,
  discovery: Discovery,
): Observable<readonly AnsweredMirror[] | undefined> {
  const { failing } = answers;
  return inTime(mirrors, (mirror) => answers.answerOf(mirror), { ...config, failing }, discovery).pipe(
    concatMap((all) => {
      const sizes = bySize(all);
      if (!sizes.isClear && !config.isLast) return of(undefined);
      if (mayDiffer(config)) checkOneFile(all, ({ said }) => said.size?.toString());
      return compared(comparable(sameSize(all, sizes, config), config), answers, config, discovery);
    }),
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
  { refuse, postpone, hurry = NEVER, failing, isFirst }: VoteConfig & { readonly failing: Observable<Mirror> },
  { clock }: Discovery,
): Observable<readonly T[]> {
  const graceMs = isFirst ? grace.graceMs : grace.longestMs;
  return quorum(mirrors, ask, { ...grace, graceMs, failing, hurry, scheduler: clock }).pipe(
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

function comparable(all: readonly AnsweredMirror[], { refuse }: Told): readonly AnsweredMirror[] {
  const able = all.filter(({ said }) => isComparable(said));
  const used = able.length > 0 ? able : all.slice(0, 1);
  for (const { mirror } of all.filter((each) => !used.includes(each))) refuse(mirror, notComparable(mirror.id));
  return used;
}

/** The mirrors of which a few bytes are the same; nothing where it is not clear which ones. */
function compared(
  all: readonly AnsweredMirror[],
  answers: MirrorAnswers,
  config: VoteConfig,
  discovery: Discovery,
): Observable<readonly AnsweredMirror[] | undefined> {
  const size = all[0]?.said.size;
  if (all.length < 2 || size === undefined) return of(all);
  const answered = new Map(all.map((each) => [each.mirror, each]));
  const print = (mirror: Mirror) =>
    answers.printOf(mirror, size).pipe(map((text) => ({ answer: answered.get(mirror) as AnsweredMirror, text })));
  const mirrors = of([...answered.keys()]);
  return inTime(mirrors, print, { ...config, failing: answers.failingPrints }, discovery).pipe(
    map((prints) => {
      const { agreed, others, isClear } = majority(prints, ({ text }) => text);
      if (!isClear && !config.isLast) return undefined;
      const textOf = new Map(prints.map(({ answer, text }) => [answer, text]));
      if (mayDiffer(config)) checkOneFile([...textOf.keys()], (answer) => textOf.get(answer));
      for (const { answer } of others) config.refuse(answer.mirror, otherBytes(answer.mirror.id));
      for (const { answer } of agreed) config.same(answer.mirror);
      return agreed.map(({ answer }) => answer);
    }),
  );
}

/** The mirrors that have a say in the size of the file, by what they say. */
function bySize(all: readonly AnsweredMirror[]): Majority<AnsweredMirror> {
  const telling = all.filter(({ said }) => said.size !== undefined);
  // A page in place of the file is sent whole, and has no say where others serve ranges.
  const ranged = telling.filter(({ said }) => said.ranges);
  return majority(ranged.length > 0 ? ranged : telling, ({ said }) => String(said.size));
}

/** The mirrors whose file has the size that most tell, if any does. */
function sameSize(
  all: readonly AnsweredMirror[],
  { agreed }: Majority<AnsweredMirror>,
  { refuse }: Told,
): readonly AnsweredMirror[] {
  const common = agreed[0]?.said.size;
  if (common === undefined) return all;
  const others = all.filter(({ said }) => said.size !== common);
  for (const { mirror, said } of others) {
    refuse(mirror, said.size === undefined ? notComparable(mirror.id) : otherSize(mirror.id, said.size, common));
  }
  return all.filter(({ said }) => said.size === common);
}
