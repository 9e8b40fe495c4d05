import type { Listening } from "./startSeeder.js";
import { getFrom } from "./getFrom.js";

/** A download beside one hostile peer, and what was promised of it that did not hold. */
export interface Met {
  readonly kind: string;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly isBlamed: boolean;
  readonly faults: readonly string[];
}

/** Hostile kinds of one sort, and a peer that is honest. */
export interface Family {
  readonly name: string;
  readonly kinds: readonly { readonly name: string; readonly start: (host: string) => Promise<Listening> }[];
  readonly honest: Omit<Listening, "close">;
  /** What the command is told of two addresses. */
  readonly sources: (hostile: string, honest: string) => Promise<readonly string[]>;
}

const limitSeconds = 90;
const mostBytes = 150e6;

/** Downloads beside each kind, so many at a time. */
export async function tryFamily(family: Family, bytes: Buffer, jobs: number): Promise<readonly Met[]> {
  const left = [...family.kinds.entries()];
  const met: Met[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, { name, start }] = next;
      const hostile = await start(`127.0.1.${index + 1}`);
      try {
        const got = await getFrom(await family.sources(hostile.source, family.honest.source), bytes, limitSeconds);
        const faults = [
          ...(got.exit === "SIGKILL" ? ["hangs"] : got.exit === 0 ? [] : [`exit ${got.exit}: ${got.stderr.trim()}`]),
          ...(got.isWrong ? ["WRONG FILE"] : []),
          ...(got.peakBytes > mostBytes ? [`${(got.peakBytes / 1e6).toFixed(0)} MB`] : []),
          ...(got.blamed.has(family.honest.peer) ? ["blames the honest one"] : []),
        ];
        const { seconds, peakBytes } = got;
        met.push({ kind: name, seconds, peakBytes, isBlamed: got.blamed.has(hostile.peer), faults });
      } finally {
        await hostile.close();
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return met;
}
