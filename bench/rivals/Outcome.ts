/** How a run ended. */
export type Verdict =
  /** Exit 0, and the file is right. */
  | "ok"
  /** The same, but it asked again sooner than Retry-After had said. */
  | "hasty"
  /** Exit 0, and the file is not the one. */
  | "corrupt"
  /** Exit 0, and there is no file. */
  | "no file"
  /** It said that it failed. */
  | "failed"
  /** It was still at it when its time was over. */
  | "hang"
  /** The tool has no way to be asked for this. */
  | "n/a";

/** One tool in one row. */
export interface Outcome {
  readonly tool: string;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** Bytes served over the size of the file. */
  readonly ratio: number;
  readonly requests: number;
}

/** What a row wants of a tool: the file, or, where the bytes cannot be had or trusted, that it says so. */
export type Wanted = "file" | "file or failure" | "failure";

/** Whether the tool did what was wanted. */
function isRight({ verdict }: Outcome, wanted: Wanted): boolean {
  if (verdict === "ok") return wanted !== "failure";
  return verdict === "failed" && wanted !== "file";
}

/** Best first: right before wrong, the file before a failure, then by seconds. */
function ranked(outcomes: readonly Outcome[], wanted: Wanted): readonly Outcome[] {
  const rank = (outcome: Outcome): number => (!isRight(outcome, wanted) ? 2 : outcome.verdict === "ok" ? 0 : 1);
  return outcomes
    .filter(({ verdict }) => verdict !== "n/a")
    .toSorted((a, b) => rank(a) - rank(b) || a.seconds - b.seconds);
}

/** Said in words beneath the table. */
export const meaningOfBest =
  "Best is the right outcome first (the file, or an honest failure where the file cannot be had), then fewer seconds;" +
  " within 10 % of the best counts as good.";

/** What there is to say of one tool's place in a row. */
export function placeOf(tool: string, outcomes: readonly Outcome[], wanted: Wanted): string {
  const [best, second] = ranked(outcomes, wanted);
  const mine = outcomes.find((outcome) => outcome.tool === tool);
  if (best === undefined || mine === undefined) return "not run";
  if (!isRight(mine, wanted)) return `WRONG: ${mine.verdict}`;
  if (best === mine) return second === undefined || !isRight(second, wanted) ? "best, and alone right" : "best";
  const times = mine.seconds / best.seconds;
  if (mine.verdict === best.verdict && times <= 1.1) return `within 10 % of ${best.tool}`;
  return `BEHIND ${best.tool}: ${best.verdict} in ${best.seconds.toFixed(2)} s, x${times.toFixed(2)}`;
}
