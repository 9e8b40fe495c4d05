import { contentLength } from "./contentLength.js";
import type { HttpAnswer } from "./HttpAnswer.js";

/** Answers that have no body, whatever they tell of one (RFC 9110, 8.6). */
const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** How many bytes follow the head of an answer (RFC 9112, 6.3); nothing where only their end tells. */
export function bodyLength({ status, headers }: Pick<HttpAnswer, "status" | "headers">): number | undefined {
  if (bodiless.has(status)) return 0;
  return headers["transfer-encoding"] === undefined ? contentLength(headers) : undefined;
}
