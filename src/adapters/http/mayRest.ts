import { restMs } from "./dialled.js";
import type { HttpAnswer } from "./HttpAnswer.js";

/** How long a connection may rest behind an answer, milliseconds: a little less than the server says, so that no request meets its end. */
export function mayRest({ headers }: Pick<HttpAnswer, "headers">): number {
  const [, seconds] = /\btimeout=(\d{1,9})/.exec(headers["keep-alive"] ?? "") ?? [];
  return seconds === undefined ? restMs : Math.min(restMs, Math.max(0, Number(seconds) * 1000 - 1000));
}
