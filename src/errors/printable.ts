/**
 * Text from a stranger on one line, without anything that a terminal would obey: control characters and line breaks become
 * blanks, format characters, such as those that turn the direction of writing, are left out.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/\p{Cf}/gu, "");
}
