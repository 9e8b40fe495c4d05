/** The shape of an answer, whatever it says of versions. */
export interface AnswerShape {
  /** True when it is a part, where a part was asked for. */
  readonly ranges: boolean;
  /** Bytes of the whole file, where it tells. */
  readonly size?: number | undefined;
  /** The media type of the file, in small letters, without parameters. */
  readonly type?: string | undefined;
}

/** The shape of earlier answers. */
export interface PastShape extends Omit<AnswerShape, "size"> {
  /** True when they told the size of the file. */
  readonly isSized: boolean;
}

/**
 * Tells whether an answer is weaker than those that came before from the same file: then it cannot take their place, whatever it says. A page where
 * there was none, nothing, a whole of unknown length or of another type, and a whole where parts came, are what stands in front of a file for a
 * time: sign-ins, errors, servers that start.
 */
export function isWeaker(now: AnswerShape, before: PastShape): boolean {
  if (now.size === 0 || (isPageType(now.type) && !isPageType(before.type))) return true;
  return !now.ranges && (before.ranges || (before.isSized && now.size === undefined) || now.type !== before.type);
}

/** As in "answered with ...". */
export function describeShape({ ranges, size, type }: AnswerShape): string {
  const what = type === undefined ? "" : ` of ${type}`;
  const much = size === undefined ? `a body${what} of unknown length` : `${size} bytes${what}`;
  return ranges ? `a part of ${much}` : much;
}

function isPageType(type: string | undefined): boolean {
  return type === "text/html" || type === "application/xhtml+xml";
}
