const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes as people read them: three digits and a decimal unit, which no line breaks. */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}\u00a0${units[unit]}`;
}

/** A rate, bytes a second. */
export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** Seconds as a duration of two units at most: `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** Share of a hundred, rounded down, so that 100 means all. */
export function ofHundred(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((part * 100) / whole);
}

/** Share in percent, which no line breaks. */
export function percent(part: number, whole: number): string {
  return `${ofHundred(part, whole)}\u00a0%`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Time of day of a wall time, ms. */
export function timeOfDay(at: number): string {
  return clock.format(at);
}

/** Day and time of a wall time, ms. */
export function dayAndTime(at: number): string {
  return calendar.format(at);
}
