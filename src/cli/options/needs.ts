import type { Need } from "./OptionRow.js";

/** An option that says how something is done, and is nothing without the one that does it: `what` is said of it. */
export function needs(name: string, flag: string, what: string): Need {
  return (typed) => (isOn(typed[name]) ? undefined : `${what}; give ${flag}, too`);
}

/** An option that cannot stand beside another one, for the reason in `why`. */
export function excludes(name: string, why: string): Need {
  return (typed) => (isOn(typed[name]) ? why : undefined);
}

const isOn = (value: unknown): boolean => value !== undefined && value !== false;
