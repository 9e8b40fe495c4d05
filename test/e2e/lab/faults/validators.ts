import type { Fault } from "../Exchange.js";
import { plainAnswer } from "../serve.js";
import { alterHeaders } from "./alter.js";

/** An ETag that says the file is much the same, which is not enough to join its parts. */
export function weakEtag(tag: string): Fault {
  return alterHeaders(() => ({ etag: `W/"${tag}"` }));
}

/** A strong ETag that is another one in each answer, as from servers behind one address that do not agree. */
export function etagOfEach(): Fault {
  return (next) => {
    let count = 0;
    return alterHeaders(() => ({ etag: `"${(count += 1)}"` }))(next);
  };
}

/** Answers 412 to whatever is asked on a condition. */
export function refusesIfMatch(): Fault {
  return (next) => (ask) => (ask.headers["if-match"] === undefined ? next(ask) : plainAnswer(412));
}
