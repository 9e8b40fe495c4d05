import type { Fault } from "../Exchange.js";
import { plainAnswer } from "../serve.js";

/** Answers with a status in place of the file. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return () => () => plainAnswer(code, headers, `${code}\n`);
}

/** The same, with Retry-After in seconds. */
export function busy(code: number, retryAfterSeconds: number): Fault {
  return status(code, { "retry-after": String(retryAfterSeconds) });
}

/** The same, with Retry-After as a date, which has whole seconds: it is told as the next one. */
export function busyUntil(code: number, inSeconds: number): Fault {
  return () => () => {
    const at = Math.ceil(Date.now() / 1000 + inSeconds) * 1000;
    return plainAnswer(code, { "retry-after": new Date(at).toUTCString() }, `${code}\n`);
  };
}

/** Answers every request with a page that says how sorry it is, as a captive portal does. */
export function htmlPage(text = "<html>Sign in</html>\n"): Fault {
  return () => () => plainAnswer(200, { "content-type": "text/html" }, text);
}
