import type { DownloadEvent } from "../../../src/index.js";

/** A stretch of a chunk's time: a request to one peer, or a wait. */
interface Stretch {
  readonly kind: "leg" | "wait";
  readonly from: number;
  /** Nothing while it lasts. */
  to?: number;
  /** The peer that was asked, or what was waited for. */
  readonly title: string;
  /** How it ended. */
  end?: "failed" | "cancelled" | "verified";
  /** What it ended with, or why it began. */
  words: string;
  /** Number of the attempt that it belongs to, from 1. */
  readonly attempt?: number;
}

/** What happened to a chunk: its stretches in the order in which they began, and its decisions. */
export interface ChunkStory {
  readonly stretches: readonly Stretch[];
  readonly moments: readonly { readonly at: number; readonly text: string }[];
  readonly from: number;
  readonly to: number;
}

const hedges = {
  "slow-first-byte": "the first byte was late",
  dead: "the request before it died",
  "take-over": "it would be done sooner",
  "end-game": "nothing else was left to do",
} as const;

/** The story of a chunk as its events tell it: requests and waits as stretches of time, switches and second requests as moments. */
export function chunkStory(events: readonly DownloadEvent[], now: number): ChunkStory {
  const stretches: Stretch[] = [];
  const moments: { at: number; text: string }[] = [];
  const legs = new Map<string, Stretch>();
  let wait: Stretch | undefined;
  const begin = (stretch: Stretch): Stretch => {
    stretches.push(stretch);
    return stretch;
  };
  const end = (attempt: number, leg: number, at: number, how: Stretch["end"], words: string): void => {
    const stretch = legs.get(`${attempt}.${leg}`);
    if (stretch !== undefined) Object.assign(stretch, { to: at, end: how, words });
  };
  for (const event of events) {
    const { at } = event;
    switch (event.type) {
      case "attempt-started": {
        if (wait !== undefined) wait.to ??= at;
        const from = event.offset > 0 ? `from byte ${event.offset}` : "";
        const leg = { kind: "leg", from: at, title: event.peer, words: from, attempt: event.attempt + 1 } as const;
        legs.set(`${event.attempt}.${event.leg}`, begin({ ...leg }));
        break;
      }
      case "attempt-failed":
        end(event.attempt, event.leg, at, "failed", `${event.code}: ${event.message}`);
        break;
      case "attempt-cancelled":
        end(event.attempt, event.leg, at, "cancelled", "another one was first");
        break;
      case "retry-scheduled":
        wait = begin({
          kind: "wait",
          from: at,
          to: at + event.delayMs,
          title: `wait of ${event.delayMs} ms`,
          words: `retry ${event.retry} of ${event.maxRetries}`,
        });
        break;
      case "peer-switched":
        moments.push({ at, text: `Switched from ${event.from} to ${event.to} (${event.reason})` });
        break;
      case "hedge-started":
        moments.push({ at, text: `${event.backup} was asked, too: ${hedges[event.reason]}` });
        break;
      case "chunk-failed":
        moments.push({
          at,
          text: `Gave up after ${event.attempts} ${event.attempts === 1 ? "try" : "tries"} (${event.code})`,
        });
        break;
      case "chunk-verified":
      case "chunk-stored":
        for (const stretch of stretches) {
          if (stretch.kind === "leg" && stretch.to === undefined)
            Object.assign(stretch, { to: at, end: "verified", words: "whole" });
        }
        moments.push({ at, text: event.type === "chunk-verified" ? "Whole, and its digest is right" : "Whole" });
        break;
      default:
    }
  }
  const ends = [...stretches.flatMap(({ from, to = now }) => [from, to]), ...moments.map(({ at }) => at)];
  const from = ends.length === 0 ? now : Math.min(...ends);
  return { stretches, moments, from, to: Math.max(from + 1, ...ends) };
}
