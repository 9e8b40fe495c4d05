import type { Observable } from "rxjs";
import { concatMap, map, of, take, tap } from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { HttpProbe } from "../../adapters/http/HttpProbe.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { isBusy } from "../../errors/isBusy.js";
import { isTransientError } from "../../errors/isTransientError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { type Asking, askMirror } from "./askMirror.js";
import { checkOneFile } from "./checkOneFile.js";
import { majority } from "./majority.js";
import { nobodyHasIt, notComparable, otherBytes, otherSize } from "./refusals.js";
import { sampled } from "./sampled.js";
import { sampleRanges } from "./sampleRanges.js";
import { settled } from "./settled.js";

/** A mirror that has answered, and what it said of its file. */
export interface Mirror {
  readonly peer: HttpPeer;
  readonly said: HttpProbe;
}

export interface SurveyConfig extends Asking {
  /** Bytes of the file, where they are known from elsewhere. */
  readonly size?: number | undefined;
  /** Whether they are said to be of one file by more than standing side by side. @default false */
  readonly isOneFile?: boolean;
  /** Told of each mirror that is not used, and why. */
  readonly refuse: (peer: HttpPeer, error: DownloadError) => void;
  /** Told of each mirror that failed in passing, and is asked again later. */
  readonly postpone: (peer: HttpPeer, error: DownloadError) => void;
}

/** Who answers so much later than the first one may join later; while most have not answered, they are waited for. */
const patience = { graceMs: 250, longestMs: 1500 } as const;

/**
 * Finds out which of several mirrors have the same file, when nobody knows a digest of it: asks each for its size and validators, and compares
 * a few bytes of theirs. The majority decides, in a tie the order given; a mirror that differs is refused with `RESOURCE_CHANGED`, one that fails in passing
 * may join later. Mirrors that send only whole files cannot be compared: when there are no others, the first of them is used, and no other.
 *
 * Emits those that agree, once: when all have answered, or a moment after the first. Errors when nobody has the file: with what the last
 * mirror said, or `FILE_NOT_FOUND_ANYWHERE`; and with `DIFFERENT_FILES`, see `checkOneFile`.
 */
export function surveyMirrors(
  peers: Observable<readonly HttpPeer[]>,
  config: SurveyConfig,
): Observable<readonly Mirror[]> {
  const { refuse, size: known, isOneFile = false } = config;
  const mayDiffer = known === undefined && !isOneFile;
  const leave = (peer: HttpPeer, error: DownloadError): void =>
    isTransientError(error) ? config.postpone(peer, error) : refuse(peer, error);

  /** Those that answered; the others are refused, or asked again later, when they wish. */
  const answers = <T>(
    asked: readonly HttpPeer[],
    ask: (peer: HttpPeer, asking: Asking) => Observable<T>,
  ): Observable<readonly T[]> => {
    const failing = new Map<HttpPeer, DownloadError>();
    const askingOf = (peer: HttpPeer): Asking => ({
      ...config,
      onAgain: (error, waitMs) => {
        failing.set(peer, error);
        config.onAgain?.(error, waitMs);
      },
    });
    return settled(asked, (peer) => ask(peer, askingOf(peer)), patience).pipe(
      map((results) => {
        const failures = results.flatMap((result) => ("error" in result ? [result] : []));
        if (failures.length === results.length) {
          for (const { work, error } of failures) refuse(work, toDownloadError(error));
          throw nobodyHasIt(failures.map(({ error }) => error));
        }
        for (const { work, error } of failures) leave(work, toDownloadError(error));
        for (const [peer, error] of failing) {
          const isLeft = !results.some(({ work }) => work === peer);
          if (isLeft && isBusy(error)) config.postpone(peer, error);
        }
        return results.flatMap((result) => ("value" in result ? [result.value] : []));
      }),
    );
  };

  const comparable = (mirrors: readonly Mirror[]): readonly Mirror[] => {
    const ranged = mirrors.filter(({ said }) => said.ranges);
    const used = ranged.length > 0 ? ranged : mirrors.slice(0, 1);
    for (const { peer } of mirrors)
      if (!used.some((mirror) => mirror.peer === peer)) refuse(peer, notComparable(peer.id));
    return used;
  };

  const compared = (mirrors: readonly Mirror[]): Observable<readonly Mirror[]> => {
    const size = mirrors[0]?.said.size;
    if (mirrors.length < 2 || size === undefined) return of(mirrors);
    const saidBy = new Map(mirrors.map((mirror) => [mirror.peer, mirror]));
    const print = (peer: HttpPeer, asking: Asking) =>
      sampled(peer, sampleRanges(size), asking).pipe(map((text) => ({ mirror: saidBy.get(peer) as Mirror, text })));
    return answers([...saidBy.keys()], print).pipe(
      map((prints) => {
        const textOf = new Map(prints.map(({ mirror, text }) => [mirror, text]));
        if (mayDiffer) checkOneFile([...textOf.keys()], (mirror) => textOf.get(mirror));
        const { agreed, others } = majority(prints, ({ text }) => text);
        for (const { mirror } of others) refuse(mirror.peer, otherBytes(mirror.peer.id));
        return agreed.map(({ mirror }) => mirror);
      }),
    );
  };

  return peers.pipe(
    take(1),
    tap((all) => known !== undefined && all.forEach((peer) => peer.expect({ size: known }))),
    concatMap((all) => answers(all, probed)),
    tap((mirrors) => mayDiffer && checkOneFile(mirrors, ({ said }) => said.size?.toString())),
    map((mirrors) => comparable(sameSize(mirrors, config))),
    concatMap(compared),
    tap((mirrors) => mirrors.forEach(({ peer, said }) => peer.expect(said))),
  );
}

/** Asks a mirror what its file is like. */
export function probed(peer: HttpPeer, asking: Asking): Observable<Mirror> {
  return askMirror(peer, () => peer.probe(), asking).pipe(map((said) => ({ peer, said })));
}

/** Those whose file has the size that most of those tell that serve ranges, if any does. */
function sameSize(mirrors: readonly Mirror[], { refuse }: SurveyConfig): readonly Mirror[] {
  const telling = mirrors.filter(({ said }) => said.size !== undefined);
  // A page in place of the file is sent whole, and has no say where others serve ranges.
  const ranged = telling.filter(({ said }) => said.ranges);
  const common = majority(ranged.length > 0 ? ranged : telling, ({ said }) => String(said.size)).agreed[0]?.said.size;
  if (common === undefined) return mirrors;
  const others = mirrors.filter(({ said }) => said.size !== common);
  for (const { peer, said } of others) {
    refuse(peer, said.size === undefined ? notComparable(peer.id) : otherSize(peer.id, said.size, common));
  }
  return mirrors.filter(({ said }) => said.size === common);
}
