/** A name of so many hex digits, drawn by chance. */
export function randomHex(digits: number, random: () => number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
}
