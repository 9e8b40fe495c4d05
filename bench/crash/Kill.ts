/** Calls that change the disk, as `killAtCall.js` counts them. */
export type CallKind = "rename" | "link" | "unlink" | "fsync" | "ftruncate" | "write";

/** The `nth` call of a kind, from 1. */
interface CallPoint {
  readonly kind: CallKind;
  readonly nth: number;
  /** Half: of the bytes of a write, the first half is written. */
  readonly moment: "before" | "after" | "half";
}

/** When a process is killed. */
export type Kill =
  | { readonly at: "time"; readonly ms: number }
  /** When it has printed the `nth` event of a type. */
  | { readonly at: "event"; readonly type: string; readonly nth: number }
  | ({ readonly at: "call" } & CallPoint);

/** What a download does that nobody kills. */
export interface Course {
  readonly seconds: number;
  readonly calls: Readonly<Record<CallKind, number>>;
  /** How many events of each type it prints. */
  readonly events: Readonly<Record<string, number>>;
}

/** Kills of one way without end: of six, three are at calls, two at a time, one at an event. */
export function* drawKills({ seconds, calls, events }: Course, random: () => number): Generator<Kill, never> {
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const types = Object.entries(events);
  const points = shuffled(pointsOf(calls), random);
  for (let turn = 0; ; turn += 1) {
    if (turn % 2 === 0) {
      const point = points[(turn / 2) % points.length];
      if (point !== undefined) yield { at: "call", ...point };
    } else if (turn % 6 === 3) {
      const [type, count] = types[whole(0, types.length - 1)] ?? ["", 0];
      yield { at: "event", type, nth: whole(1, count) };
    } else yield { at: "time", ms: whole(1, 1000 * seconds) };
  }
}

/** Every call but writes, before and after it; of writes as many as of all others together, in the midst. */
function pointsOf(calls: Course["calls"]): CallPoint[] {
  const kinds = Object.entries(calls) as [CallKind, number][];
  const others = kinds.filter(([kind]) => kind !== "write");
  const points = others.flatMap(([kind, count]) =>
    upTo(count).flatMap((nth) => [{ kind, nth, moment: "before" } as const, { kind, nth, moment: "after" } as const]),
  );
  const step = Math.max(1, calls.write / Math.max(1, points.length));
  const writes = upTo(Math.floor(calls.write / step)).map((at) => Math.ceil(at * step));
  return [...points, ...writes.map((nth) => ({ kind: "write", nth, moment: "half" }) as const)];
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

function shuffled<T>(all: readonly T[], random: () => number): readonly T[] {
  return all
    .map((one) => ({ one, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

export function wordsOf(kill: Kill): string {
  if (kill.at === "time") return `after ${kill.ms} ms`;
  if (kill.at === "event") return `at ${kill.type} number ${kill.nth}`;
  return `${kill.moment === "half" ? "half way through" : kill.moment} ${kill.kind} number ${kill.nth}`;
}
