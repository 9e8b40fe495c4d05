import type { HttpAnswer } from "./HttpAnswer.js";

/**
 * Whether a server says that it serves parts; then a whole in place of one is no denial. Varnish, before a server that compresses, sends the whole by chunks to the
 * first who asks, and parts from then on.
 */
export function claimsParts({ headers }: Pick<HttpAnswer, "headers">): boolean {
  return /\bbytes\b/i.test(headers["accept-ranges"] ?? "");
}
