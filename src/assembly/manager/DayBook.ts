import type { DayStatistics } from "../../control/DayStatistics.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";

/** Days that are kept: three years. */
const mostDays = 1100;

type Figures = Omit<DayStatistics, "day">;

const nothing: Figures = {
  ...{ received: 0, completed: 0, completedBytes: 0, failed: 0 },
  ...{ retries: 0, switches: 0, recovered: 0 },
};

/** Figures of each day, of all downloads together. */
export class DayBook {
  #days: readonly DayStatistics[];
  readonly #now: () => number;

  constructor(days: readonly DayStatistics[], now: () => number) {
    this.#days = days;
    this.#now = now;
  }

  /** Days on which something was downloaded, oldest first. */
  get days(): readonly DayStatistics[] {
    return this.#days;
  }

  /** Adds what an event tells; `received` is how many bytes came since the one before. True when that was anything. */
  book(event: DownloadEvent, received: number): boolean {
    const added = addition(event);
    if (added === undefined && received === 0) return false;
    this.#add({ ...added, received });
    return true;
  }

  #add(added: Partial<Figures>): void {
    const day = dayOf(this.#now());
    const last = this.#days.at(-1);
    const today = last?.day === day ? last : { day, ...nothing };
    const names = Object.keys(nothing) as readonly (keyof Figures)[];
    const sums = Object.fromEntries(names.map((name) => [name, today[name] + (added[name] ?? 0)]));
    const before = last === today ? this.#days.slice(0, -1) : this.#days;
    this.#days = [...before.slice(1 - mostDays), { ...today, ...sums }];
  }
}

function addition(event: DownloadEvent): Partial<Figures> | undefined {
  switch (event.type) {
    case "retry-scheduled":
      return { retries: 1 };
    case "peer-switched":
      return { switches: 1 };
    case "recovered":
      return { recovered: event.chunks };
    case "download-completed":
      return { completed: 1, completedBytes: event.account.size };
    case "download-failed":
      return { failed: 1 };
    default:
      return undefined;
  }
}

/** The day by the calendar of this machine, as `2026-11-29`. `at` is wall time, ms since the epoch. */
function dayOf(at: number): string {
  const date = new Date(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((number) => String(number).padStart(2, "0"));
  return `${date.getFullYear()}-${month ?? ""}-${day ?? ""}`;
}
