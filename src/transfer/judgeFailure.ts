import type { RetryVerdict } from "../../operators/RetryEvent.js";
import type { DownloadError } from "../errors/DownloadError.js";
import type { Blame, DownloadErrorCode } from "../errors/verdicts.js";
import { isOurLimit } from "../errors/isOurLimit.js";
import { verdicts } from "../errors/verdicts.js";
import type { TransferConfig } from "./TransferParts.js";

/** Bytes that a leg has to bring for its break to be no failure; and in the time of each attempt, where it may take longer than that. */
export const realProgressBytes = 16 * 1024;

/** A leg as its judge sees it. */
export interface JudgedLeg {
  /** Bytes by which the leg brought the chunk further than it ever was. */
  readonly gained: number;
}

/** A chunk as the judge of its legs sees it. */
export interface JudgedChunk {
  readonly isWhole: boolean;
  /** All legs of the attempt so far, those that we stopped too. */
  readonly legs: readonly JudgedLeg[];
  readonly state: "asking" | "replacing" | "continuing";
  /**
   * Least wait before the chunk is asked for again, ms, where none of the peers that could serve it is reached, and others may come.
   * @default a failure is one as any other
   */
  readonly desertedDelayMs?: number | undefined;
}

/** The part of a chunk's patience that its judge needs. */
export type JudgesConfig = Pick<TransferConfig, "continuationDelayMs" | "parallel" | "strict">;

/** The consequences of a failure. */
export interface Judgement {
  readonly code: DownloadErrorCode;
  /** The peer's part in the failure; one whose leg brought the chunk further is `excused`. */
  readonly blame: Blame | "excused";
  /** True when the chunk came all the same: a peer that can be trusted hung up behind its last byte. */
  readonly delivered: boolean;
  /** The chunk's next step, if the attempt ends with this. */
  readonly verdict: RetryVerdict;
  /** True when this very leg brought the chunk further, by enough to be no failure. */
  readonly progressed: boolean;
  /** The least wait before the next step, ms. */
  readonly notBeforeMs: number;
}

/** The judgement of a leg that failed: pure, and made once, at the leg's end. The error is one that knows already whether there is a network. */
export function judgeFailure(
  error: DownloadError,
  { leg, chunk, config }: { readonly leg: JudgedLeg; readonly chunk: JudgedChunk; readonly config: JudgesConfig },
): Judgement {
  const { code } = error;
  const rule = verdicts[code];
  const progressed = hasProgressed(leg, chunk, config);
  const blame: Judgement["blame"] = rule.blame === "failure" && progressed ? "excused" : rule.blame;
  // Bytes of a peer that is found out are kept nowhere: where its answer was cut into pieces decides nothing.
  const delivered = chunk.isWhole && blame !== "quarantined";
  const judged = (verdict: RetryVerdict, notBeforeMs = 0): Judgement => ({
    code,
    blame,
    delivered,
    verdict,
    progressed,
    notBeforeMs,
  });

  if (isOurLimit(error)) return judged("continue");
  if (config.strict && rule.verdict !== "retry") return judged("fail");
  // The machine slept or has no network: when to go on is not for the chunk to know.
  if (code === "NETWORK_DOWN") return judged("continue");
  if (rule.verdict === "retry" && chunk.legs.some((each) => hasProgressed(each, chunk, config))) {
    return judged("continue", chunk.state === "continuing" ? config.continuationDelayMs : 0);
  }
  // Others are waited for, and whether those who were lost are back is looked at meanwhile.
  if (rule.verdict === "retry" && chunk.desertedDelayMs !== undefined) {
    return judged("continue", chunk.desertedDelayMs);
  }
  // A busy peer, and one that lacks the chunk now, may be asked again: the pool knows when.
  if (blame === "busy" || blame === "missing") return judged("continue");
  // With several legs the attempt's own peer need not be the one that is not to be asked again; the pool knows who is.
  if (rule.verdict === "switch" && chunk.legs.length > 1) return judged("continue");
  return judged(rule.verdict);
}

/** True when the leg brought the chunk further than it ever was, by enough to be no failure. Bytes fetched again do not count. */
export function hasProgressed({ gained }: JudgedLeg, { isWhole }: JudgedChunk, { parallel }: JudgesConfig): boolean {
  return parallel && (gained >= realProgressBytes || (gained > 0 && isWhole));
}
