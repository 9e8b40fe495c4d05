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
  /** As long as it might take. */
  readonly limitSeconds: number;
}

/** What a row wants of a tool: the file, or, where the bytes cannot be had or trusted, that it says so. */
export type Wanted = "file" | "file or failure" | "failure";

/** Whether the tool did what was wanted. */
export function isRight({ verdict }: Outcome, wanted: Wanted): boolean {
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
  " within 10 % of the best counts as good. The ratio is to the best of the others that is right.";

/** So much nobody feels, however large a share of a short run it is. */
const unfeltSeconds = 0.15;

/** One tool's place in a row. */
export interface Place {
  /** In words. */
  readonly said: string;
  /** Best, or within 10 % of the best that is right. */
  readonly good: boolean;
  /** Best, or within 0.15 s of the best that is right. */
  readonly near: boolean;
}

/** What there is to say of one tool's place in a row; nothing, when it was not run. */
export function placeOf(tool: string, outcomes: readonly Outcome[], wanted: Wanted): Place | undefined {
  const mine = outcomes.find((outcome) => outcome.tool === tool && outcome.verdict !== "n/a");
  if (mine === undefined) return undefined;
  const [rival] = ranked(outcomes, wanted).filter((outcome) => outcome !== mine && isRight(outcome, wanted));
  if (!isRight(mine, wanted))
    return { said: `WRONG: ${mine.verdict}${besides(mine, rival)}`, good: false, near: false };
  if (rival === undefined) return { said: "best, and alone right", good: true, near: true };
  const [best] = ranked([mine, rival], wanted);
  const isBest = best === mine;
  const alike = isBest || mine.verdict === rival.verdict;
  const good = alike && (isBest || mine.seconds <= 1.1 * rival.seconds);
  const near = alike && (isBest || mine.seconds <= rival.seconds + unfeltSeconds);
  const word = isBest ? "best" : good ? "within 10 %" : "BEHIND";
  return { said: `${word}${besides(mine, rival)}`, good, near };
}

/** The best of the others that is right, beside what was done. */
function besides(mine: Outcome, rival: Outcome | undefined): string {
  if (rival === undefined) return "; no other is right";
  const difference = mine.seconds - rival.seconds;
  const signed = `${difference < 0 ? "-" : "+"}${Math.abs(difference).toFixed(2)} s`;
  const ratio = `x${(mine.seconds / rival.seconds).toFixed(2)}`;
  return `; ${rival.tool}: ${rival.verdict} in ${rival.seconds.toFixed(2)} s, ${ratio}, ${signed}`;
}

/** How many of the places are good. */
export function countOf(places: readonly Place[]): string {
  const good = places.filter((place) => place.good).length;
  const near = places.filter((place) => place.near).length;
  return (
    `best or within 10 % of the best that is right: ${good} of ${places.length}` +
    ` (within ${unfeltSeconds} s: ${near})`
  );
}
