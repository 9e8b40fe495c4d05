/**
 * `npm run test:hostile`: the built command beside hostile seeders and servers of every kind, and a seeder that serves beside hostile clients and
 * frames. Exit code 1 when something hangs, a file is wrong, the honest peer is blamed, a download needs 150 MB, or a good client gets less
 * than 80 % of its fair share.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { besideClients } from "./besideClients.js";
import { openFamilies } from "./families.js";
import { tryFamily } from "./tryFamily.js";

const { frames, jobs } = benchCommand("test:hostile", "hostile seeders, servers, clients and frames")
  .option("--frames <n>", "mutated frames to a seeder", wholeFrom(1), 1_000_000)
  .option("--jobs <n>", "downloads at a time", wholeFrom(1), 6)
  .parse()
  .opts<{ readonly frames: number; readonly jobs: number }>();

const folder = await mkdtemp(join(tmpdir(), "tributary-hostile-"));
const bytes = randomBytes(2 * 1024 * 1024);
let broken = 0;
try {
  const families = await openFamilies(folder, bytes);
  for (const family of families.all) {
    const met = await tryFamily(family, bytes, jobs);
    for (const { kind, faults } of met) if (faults.length > 0) console.log(`${kind}: ${faults.join("; ")}`);
    const bad = (fault: string): number => met.filter(({ faults }) => faults.includes(fault)).length;
    const peak = Math.max(...met.map(({ peakBytes }) => peakBytes)) / 1e6;
    const longest = Math.max(...met.map(({ seconds }) => seconds));
    broken += met.filter(({ faults }) => faults.length > 0).length;
    console.log(
      `${family.name}: ${met.length} kinds, ${bad("hangs")} hang, ${bad("WRONG FILE")} wrong files, longest ${longest.toFixed(1)} s, peak ${peak.toFixed(0)} MB;` +
        ` the hostile one blamed by ${met.filter(({ isBlamed }) => isBlamed).length}, the honest one by ${bad("blames the honest one")}`,
    );
  }
  await families.close();
  for (const { name, share, wanted, peakBytes, isAlive, told } of await besideClients(folder, frames)) {
    const isBad = !isAlive || share < wanted;
    if (isBad) broken += 1;
    console.log(
      `${name}: ${told}; a good client has ${(100 * share).toFixed(0)} % of its fair share, seeder's peak ${(peakBytes / 1e6).toFixed(0)} MB${isAlive ? "" : ", ENDED"}`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = broken > 0 ? 1 : 0;
