import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "rx-tributary/testing";
import { contentOf, syntheticContent } from "../../test/e2e/lab/content.js";
import { drawKills } from "./Kill.js";
import { type Trial, tryKill, watchCourse } from "./tryKill.js";
import { type Stage, type Way, ways } from "./ways.js";

export interface MatrixOrder {
  /** Kills that met a running download. */
  readonly kills: number;
  readonly seed: number;
  /** Downloads at a time. */
  readonly jobs: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes a second. */
  readonly speed: number;
  readonly tell?: (line: string) => void;
}

/** Downloads the file in each way and kills it, by turns, until so many kills have met a running process. */
export async function runMatrix({ kills, seed, jobs, size, speed, tell }: MatrixOrder): Promise<readonly Trial[]> {
  const folder = await mkdtemp(join(tmpdir(), "tributary-crash-"));
  try {
    const synthetic = syntheticContent(size, seed);
    const content = contentOf(synthetic.read(0, size));
    const original = join(folder, "original");
    await writeFile(original, content.read(0, size));
    const stage: Stage = { content, original, folder, speed };
    const plans = await everyOne(ways.map((way, index) => planOf(way, index)));
    const trials: Trial[] = [];
    let drawn = 0;
    let running = 0;
    const work = async (): Promise<void> => {
      while (trials.filter(({ wasKilled }) => wasKilled).length + running < kills) {
        const number = drawn++;
        const plan = plans[number % plans.length];
        if (plan === undefined) return;
        running += 1;
        const trial = await tryKill(plan.way, stage, plan.kills.next().value, String(number));
        running -= 1;
        trials.push(trial);
      }
    };
    await everyOne(Array.from({ length: jobs }, work));
    return trials;

    async function planOf(way: Way, index: number) {
      const course = await watchCourse(way, stage);
      const calls = Object.entries(course.calls).map(([kind, count]) => `${kind} ${count}`);
      const again = `x${(1 + course.again / size).toFixed(3)}`;
      tell?.(`${way.name.padEnd(10)}${course.seconds.toFixed(1).padStart(6)} s  ${again}  ${calls.join(", ")}`);
      return { way, kills: drawKills(course, seededRandom(seed, index)) };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first failure is told when all have ended, so that nobody is at the folder any more. */
async function everyOne<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
