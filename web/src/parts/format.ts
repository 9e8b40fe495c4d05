import { formatBytes, formatDuration } from "../../../src/page.js";

/** Bytes as the terminal says them, which no line breaks. */
export function bytes(count: number): string {
  return formatBytes(count).replace(" ", "\u00a0");
}

/** A rate, bytes a second. */
export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** Seconds as the terminal says them. */
export function duration(seconds: number): string {
  return formatDuration(Math.max(0, seconds) * 1000);
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
