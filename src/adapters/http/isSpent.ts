import type { HttpAnswer } from "./HttpAnswer.js";

/**
 * True when an answer on a connection that was used before may be about the connection alone: busy, and without a time to wait. apt-cacher-ng (3.7.4)
 * answers the second request of a connection so, and the same one on a new connection with the part.
 */
export function isSpent({ status, headers }: Pick<HttpAnswer, "status" | "headers">): boolean {
  return status === 503 && headers["retry-after"] === undefined;
}
