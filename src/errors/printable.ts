/** Characters of a line: enough for the longest path, and few enough to be read. */
const mostCharacters = 4096;
/** Characters that are kept of the end of a long line: its beginning tells what it speaks of, its end why. */
const tail = 1024;

/**
 * Text from a stranger on one line, without anything that a terminal would obey: control characters and line breaks become
 * blanks, format characters, such as those that turn the direction of writing, are left out. Of more than 4096 characters the middle is left out.
 */
export function printable(text: string): string {
  return shortened(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\p{Cf}/gu, "")
    .replace(/\p{Cs}/gu, "\ufffd");
}

function shortened(text: string): string {
  if (text.length <= mostCharacters) return text;
  return `${text.slice(0, mostCharacters - tail - 1)}…${text.slice(-tail)}`;
}
