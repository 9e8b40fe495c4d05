import { closeSync, openSync, renameSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { FaultServer } from "../../test/e2e/lab/FaultServer.js";
import type { Fault } from "../../test/e2e/lab/Exchange.js";
import { status } from "../../test/e2e/lab/faults/statuses.js";
import { Gate } from "../../test/e2e/lab/Gate.js";
import { serve } from "../../test/e2e/lab/serve.js";
import { lineOf } from "../crash/lineOf.js";
import { file, size } from "../rivals/rows.js";
import { judge, type Round, Scene } from "./Scene.js";

const speed = 4_000_000;
const facts = { etag: '"v1"', lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" };

const mirrors = (...faults: readonly Fault[]): Promise<FaultServer[]> => {
  const handler = serve(file, facts, ...faults, lineOf(speed));
  return Promise.all([FaultServer.start(handler), FaultServer.start(handler)]);
};
const server = async (...faults: readonly Fault[]): Promise<FaultServer[]> => [
  await FaultServer.start(serve(file, facts, ...faults, lineOf(speed))),
];

/** One thing that is done to a download. */
export interface Attack {
  readonly title: string;
  readonly hasDigests: boolean;
  /** One word or two of what came of it; nothing when the tool has no way to be asked. */
  readonly play: (round: Round) => Promise<string | undefined>;
}

/** Kills at so many places of the file, and the same command again each time. */
const kills = (places: number) => async (round: Round) => {
  const ratios: number[] = [];
  let wrong = 0;
  let failed = 0;
  for (let place = 1; place <= places; place += 1) {
    const scene = await Scene.set(round, await (round.hasDigests ? mirrors() : server()));
    if (scene === undefined) return undefined;
    try {
      const first = scene.run();
      await Promise.race([first.ended, scene.until((served) => served >= (size * place) / (places + 1))]);
      await first.kill();
      const { code } = await scene.run().within(60);
      const verdict = await judge(scene, code);
      if (verdict.startsWith("WRONG")) wrong += 1;
      else if (verdict !== "right") failed += 1;
      ratios.push(scene.served / size);
    } finally {
      await scene.close();
    }
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const faults = [...(wrong > 0 ? [`${wrong} WRONG`] : []), ...(failed > 0 ? [`${failed} failed`] : [])].join(", ");
  return `${faults === "" ? "right" : faults}, x${mean.toFixed(2)}, worst x${Math.max(...ratios).toFixed(2)}`;
};

/** Does something to the largest file while half of it is here and nothing comes. */
const disturbed = (disturb: (path: string) => void) => async (round: Round) => {
  const gate = new Gate(size / 2);
  const scene = await Scene.set(round, await (round.hasDigests ? mirrors(gate.fault) : server(gate.fault)));
  if (scene === undefined) return undefined;
  try {
    const run = scene.run();
    await Promise.race([run.ended, scene.until((served) => served >= size / 2)]);
    // What was sent is to be on the disk.
    await setTimeout(1500);
    const path = await largest(scene.folder);
    if (path === undefined) return "nothing on disk";
    disturb(path);
    gate.open();
    const { code } = await run.within(60);
    return await judge(scene, code);
  } finally {
    await scene.close();
  }
};

const countedSeconds = 10;

/** Asks a server that is busy, and says that it may be asked again at once. */
const busy = async (round: Round) => {
  const scene = await Scene.set(round, await server(status(503, { "retry-after": "0" })));
  if (scene === undefined) return undefined;
  try {
    const run = scene.run();
    const started = performance.now();
    await Promise.race([run.ended, setTimeout(1000 * countedSeconds)]);
    const seconds = (performance.now() - started) / 1000;
    const gaveUp = seconds < countedSeconds - 0.1 ? `, gave up after ${seconds.toFixed(1)} s` : "";
    await run.kill();
    return `${(scene.requests / seconds).toFixed(1)} a second${gaveUp}`;
  } finally {
    await scene.close();
  }
};

async function largest(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith(".meta4"));
  const found = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), bytes: (await stat(join(folder, name))).size })),
  );
  return found.toSorted((a, b) => b.bytes - a.bytes)[0]?.path;
}

function scribble(path: string): void {
  const opened = openSync(path, "r+");
  writeSync(opened, Buffer.from("scribbled"), 0, 9, 10);
  closeSync(opened);
}

function replace(path: string): void {
  writeFileSync(`${path}.new`, "a stranger's");
  renameSync(`${path}.new`, path);
}

const ofBoth = (title: string, play: Attack["play"]): readonly Attack[] => [
  { title: `${title}, one server`, hasDigests: false, play },
  { title: `${title}, digests`, hasDigests: true, play },
];

export const attacks = (places: number): readonly Attack[] => [
  ...ofBoth("killed -9 and run again", kills(places)),
  ...ofBoth(
    "file truncated in mid-run",
    disturbed((path) => truncateSync(path, 1000)),
  ),
  ...ofBoth("file scribbled on in mid-run", disturbed(scribble)),
  ...ofBoth("file replaced in mid-run", disturbed(replace)),
  ...ofBoth("503 with Retry-After: 0", busy),
];
