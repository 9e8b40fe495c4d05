import type { Fault, Handler } from "../Exchange.js";
import { withFaults } from "../serve.js";

/** The faults meet only the first `n` requests. */
export function first(n: number, ...faults: readonly Fault[]): Fault {
  return (next) => {
    const broken = withFaults(next, ...faults);
    let left = n;
    return (ask) => (left-- > 0 ? broken : next)(ask);
  };
}

/** All but the first `n` requests are answered by another handler: the file was replaced. */
export function afterwards(n: number, other: Handler): Fault {
  return (next) => {
    let left = n;
    return (ask) => (left-- > 0 ? next : other)(ask);
  };
}

/** The faults meet only requests of one method. */
export function onlyTo(method: string, ...faults: readonly Fault[]): Fault {
  return (next) => {
    const broken = withFaults(next, ...faults);
    return (ask) => (ask.method === method ? broken : next)(ask);
  };
}

/** Servers behind one address, which answer in turn. */
export function inTurn(...servers: readonly [Handler, ...Handler[]]): Handler {
  let turn = 0;
  return (ask) => (servers[turn++ % servers.length] ?? servers[0])(ask);
}
