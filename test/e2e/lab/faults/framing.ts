import { setTimeout } from "node:timers/promises";
import type { Answer, Fault } from "../Exchange.js";
import { Break } from "../Exchange.js";
import { alter, alterHeaders } from "./alter.js";

/** Does not say how long the body is: it is over when the connection is. */
export function missingContentLength(): Fault {
  return alter((answer) => ({ ...answer, framing: "close" }));
}

/** Sends the body in chunks, without its length. */
export function chunked(): Fault {
  return alter((answer) => ({ ...answer, framing: "chunked" }));
}

/** Closes the connection after each response, and says so. */
export function closesAfterEach(): Fault {
  return alterHeaders(() => ({ connection: "close" }));
}

/** Closes the connection after each response without a word before. */
export function hangsUpAfterEach(): Fault {
  return alter((answer) => ({ ...answer, body: thenBreak(answer) }));
}

/** Lets a client wait for each answer. */
export function slowHeaders(ms: number): Fault {
  return (next) => async (ask) => {
    await setTimeout(ms, undefined, { signal: ask.gone });
    return next(ask);
  };
}

/** Accepts requests and never answers. */
export function neverAnswers(): Fault {
  return () => (ask) =>
    new Promise((_, reject) => ask.gone.addEventListener("abort", () => reject(new Error("the client has gone"))));
}

async function* thenBreak({ body }: Answer): AsyncGenerator<Buffer> {
  yield* body;
  throw new Break("close");
}
