import type { Answer, Fault } from "../Exchange.js";
import { plainAnswer } from "../serve.js";

/** Answers every request so, whatever it asks for. */
export function answers(answer: Answer): Fault {
  return () => () => answer;
}

/** Sends every request for the file to a page, by a redirect. */
export function redirectsToPage(text = "<html>Sign in</html>\n"): Fault {
  const page = plainAnswer(200, { "content-type": "text/html" }, text);
  return () => (ask) => (ask.path === "/login" ? page : plainAnswer(302, { location: "/login" }));
}

/** Answers with a document in place of the file, of which the end is told by chunks. */
export function unsized(type: string, text: string): Fault {
  const { "content-length": _, ...headers } = plainAnswer(200, { "content-type": type }, text).headers;
  return answers({ status: 200, headers, body: [Buffer.from(text)], position: 0, framing: "chunked" });
}

/** The faults meet requests for so many milliseconds from the first one on. */
export function forMs(ms: number, fault: Fault): Fault {
  return (next) => {
    const broken = fault(next);
    let since: number | undefined;
    return (ask) => {
      since ??= performance.now();
      return (performance.now() - since < ms ? broken : next)(ask);
    };
  };
}
