/** Words as people read them: of a digest its first eight digits, which tell two apart as well as all 64. */
export function shortWords(text: string): string {
  return text.replace(/\b([0-9a-f]{8})[0-9a-f]{24,}\b/gi, "$1…");
}
