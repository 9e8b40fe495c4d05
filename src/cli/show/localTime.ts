/** A wall time, ms since the epoch, as clocks here show it: `2026-03-01 09:05:07`. */
export function localTime(wallMs: number): string {
  const time = new Date(wallMs);
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join("-");
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":")}`;
}
