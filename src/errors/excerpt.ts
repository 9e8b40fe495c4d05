import { printable } from "./printable.js";

/** The beginning of a stranger's text, as a message may hold it beside its own words: at most 200 characters, unless told otherwise. */
export function excerpt(text: string, most = 200): string {
  return printable(text.slice(0, most));
}
