import type { Answer, Ask, Fault } from "../Exchange.js";

/** Changes every answer on its way out. */
export function alter(change: (answer: Answer, ask: Ask) => Answer): Fault {
  return (next) => async (ask) => change(await next(ask), ask);
}

/** Changes headers of answers that are the file, whole or in part; `undefined` leaves one out. */
export function alterHeaders(
  change: (answer: Answer, ask: Ask) => Readonly<Record<string, string | undefined>>,
): Fault {
  return alter((answer, ask) => {
    if (answer.status !== 200 && answer.status !== 206) return answer;
    const headers = Object.entries({ ...answer.headers, ...change(answer, ask) });
    return {
      ...answer,
      headers: Object.fromEntries(headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    };
  });
}
