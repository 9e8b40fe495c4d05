import { describeEvent, type DownloadConfig, type DownloadEvent } from "../../../src/index.js";
import { DownloadDetail } from "../../../src/page.js";
import { simulateSwarm, type SwarmPeer } from "../../../src/testing.js";

/** A swarm, a file and chance, as two policies are held against them. */
export interface Course {
  readonly peers: readonly SwarmPeer[];
  readonly chunks: number;
  readonly chunkBytes: number;
  readonly seed: number;
}

/** A download at one moment of virtual time. */
export interface Frame {
  readonly atMs: number;
  readonly done: number;
  readonly phase: string;
  /** States of all chunks, one byte each, by `chunkStates`. */
  readonly chunks: Uint8Array;
}

/** One policy's run over a course. */
export interface Recording {
  readonly outcome: string;
  readonly makespanMs: number;
  readonly received: number;
  readonly wasted: number;
  readonly retries: number;
  readonly switches: number;
  readonly frames: readonly Frame[];
  /** Lines worth saying, oldest first. */
  readonly lines: readonly { readonly atMs: number; readonly text: string }[];
  /** Message of the failure it ended with. */
  readonly error?: string;
}

const mostFrames = 400;
const mostLines = 400;
/** A race that takes longer than this is cut, ms of virtual time. */
const longestMs = 6 * 3_600_000;

/** Runs a policy over a course, in virtual time, and keeps what is worth watching. */
export function record(course: Course, config: DownloadConfig): Recording {
  const film = new Film();
  const run = simulateSwarm({
    ...course,
    config,
    keepEvents: false,
    untilMs: longestMs,
    onEvent: (event) => film.take(event),
  });
  const { account, makespanMs, outcome, error } = run;
  const sum = (counts: Readonly<Record<string, number>> = {}): number =>
    Object.values(counts).reduce((all, each) => all + each, 0);
  return {
    outcome: outcome === "completed" && !run.bytesRight ? "wrong" : outcome,
    makespanMs,
    received: account?.received ?? 0,
    wasted: sum(account?.waste),
    retries: sum(account?.retries),
    switches: account?.switches ?? 0,
    frames: film.frames,
    lines: film.lines,
    ...(error !== undefined && { error: error.message }),
  };
}

/** Frames at even distances of time; when they become too many, every other one is dropped, and the distance doubles. */
class Film {
  frames: Frame[] = [];
  readonly lines: { atMs: number; text: string }[] = [];
  readonly #detail = new DownloadDetail();
  #everyMs = 50;
  #nextMs = 0;

  take(event: DownloadEvent): void {
    while (event.at >= this.#nextMs) this.#shoot(this.#nextMs);
    this.#detail.fold(event);
    const text = describeEvent(event);
    if (text !== undefined && this.lines.length < mostLines) this.lines.push({ atMs: event.at, text });
    if (this.#detail.state.outcome !== undefined) this.#shoot(event.at);
  }

  #shoot(atMs: number): void {
    const { state, map } = this.#detail;
    this.frames.push({ atMs, done: state.done, phase: state.phase, chunks: Uint8Array.from(map.states) });
    this.#nextMs = atMs + this.#everyMs;
    if (this.frames.length <= mostFrames) return;
    this.frames = this.frames.filter((_, place) => place % 2 === 0);
    this.#everyMs *= 2;
  }
}
