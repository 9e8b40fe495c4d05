/** Text from a stranger, made safe for a terminal and cut to `maxLength`: control characters become spaces. */
export function printable(text: string, maxLength = 200): string {
  return text.slice(0, maxLength).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
