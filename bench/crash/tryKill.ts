import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CallKind, Course, Kill } from "./Kill.js";
import { runOnce } from "./runOnce.js";
import type { Served, Stage, Way } from "./ways.js";

/** What became of one download that was killed and run again. */
export interface Trial {
  readonly way: Way;
  readonly kill: Kill;
  /** False when it had ended before. */
  readonly wasKilled: boolean;
  /** A file under the name, after the kill or in the end, that is not the one. */
  readonly isWrong: boolean;
  /** The file is there, and the second run was content with it. */
  readonly isDone: boolean;
  /** Exit of the second run; SIGKILL when it hung. */
  readonly exit: number | NodeJS.Signals;
  /** Bytes that were served beyond those of the file. */
  readonly again: number;
  readonly resumeSeconds: number;
  /** Names beside the file in the end. */
  readonly left: readonly string[];
  readonly stderr: string;
}

/** Exit code of a download whose name another file has. */
const targetExists = 7;

/** What downloads learn, its lock and its drafts: those of a dead process count for nothing, and the next download that learns something takes them away. */
const isOfCatalogue = (name: string): boolean =>
  /^catalogue\.json(\.lock(\.[0-9a-f]{16}\.new)?|\.tributary-[0-9a-f]{12})?$/.test(name);

/** A resume that takes longer hangs. */
const limitSeconds = 90;

/** Gets the file without a kill, to see when it could be killed. */
export async function watchCourse(way: Way, stage: Stage): Promise<Course & { readonly again: number }> {
  return inFolder(way, stage, "course", async (served, folder) => {
    const counts = `${folder}.counts`;
    const { exit, seconds, events, stderr } = await runOnce({ folder, words: served.words, counts, limitSeconds });
    if (exit !== 0 || (await isWrong(folder, stage))) throw new Error(`${way.name}: exit ${exit}, ${stderr}`);
    const calls = JSON.parse(await readFile(counts, "utf8")) as Record<CallKind, number>;
    await served.left();
    return { seconds, calls, events, again: served.bytes() - stage.content.size };
  });
}

/** Kills a download, and runs the same command again to its end. */
export async function tryKill(way: Way, stage: Stage, kill: Kill, name: string): Promise<Trial> {
  return inFolder(way, stage, name, async (served, folder) => {
    const order = { folder, words: served.words, limitSeconds };
    const first = await runOnce({ ...order, kill });
    const early = await isWrong(folder, stage);
    const wasDone = existsSync(join(folder, "copy"));
    const second = await runOnce(order);
    await served.left();
    const here = await readdir(folder);
    // Nobody can say of a file without a size that it is there already: it is left as it is.
    const isLeftAsItIs = way.resumes === false && wasDone && second.exit === targetExists;
    const learned = await namesIn(`${folder}.state`);
    return {
      way,
      kill,
      wasKilled: first.exit === "SIGKILL",
      isWrong: early || (await isWrong(folder, stage)),
      isDone: here.includes("copy") && (second.exit === 0 || isLeftAsItIs),
      exit: second.exit,
      again: served.bytes() - stage.content.size,
      resumeSeconds: second.seconds,
      left: [...here.filter((file) => file !== "copy"), ...learned.filter((name) => !isOfCatalogue(name))],
      stderr: second.stderr,
    };
  });
}

/** Nothing where there is no folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

async function isWrong(folder: string, { content }: Stage): Promise<boolean> {
  if (!(await readdir(folder)).includes("copy")) return false;
  return !content.read(0, content.size).equals(await readFile(join(folder, "copy")));
}

async function inFolder<T>(
  way: Way,
  stage: Stage,
  name: string,
  work: (served: Served, folder: string) => Promise<T>,
): Promise<T> {
  const home = join(stage.folder, `${way.name}-${name}`);
  const folder = join(home, "here");
  await mkdir(folder, { recursive: true });
  const served = await way.serve({ ...stage, folder: home });
  try {
    return await work(served, folder);
  } finally {
    await served.close();
    await rm(home, { recursive: true, force: true });
  }
}
