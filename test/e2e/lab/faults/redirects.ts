import type { Fault } from "../Exchange.js";
import { plainAnswer } from "../serve.js";

/** Sends every request elsewhere: to a URL, another server's too. */
export function redirectTo(location: string, code = 302): Fault {
  return () => () => plainAnswer(code, { location });
}

/** So many redirects, path to path, before the file. */
export function redirects(hops: number, code = 302): Fault {
  return (next) => (ask) => {
    const done = Number(/^\/hop\/(\d+)/.exec(ask.path)?.[1] ?? 0);
    return done < hops ? plainAnswer(code, { location: `/hop/${done + 1}` }) : next(ask);
  };
}

/** Redirects whoever does not bring this cookie to where they were, with it. */
export function setsCookie(cookie: string): Fault {
  return (next) => (ask) =>
    ask.headers.cookie === cookie
      ? next(ask)
      : plainAnswer(302, { location: ask.path, "set-cookie": `${cookie}; Path=/` });
}

/** Redirects between two paths, for ever. */
export function redirectLoop(code = 302): Fault {
  return () => (ask) => plainAnswer(code, { location: ask.path === "/here" ? "/there" : "/here" });
}
