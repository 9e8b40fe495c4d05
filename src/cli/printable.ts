/** Control characters, line separators, and the marks that turn the direction of writing. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `text` on one line and without anything that a terminal would obey: names and messages come from strangers. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, "\ufffd");
}
