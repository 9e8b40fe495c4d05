/** `npm run test:package`: packs what would be published, installs it into small apps of every kind, and starts them. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchCommand, chosenOf } from "../benchCommand.js";
import { packInto, tryApp } from "./installPackage.js";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const apps = fileURLToPath(new URL("apps", import.meta.url));
const command = benchCommand("test:package", "packs the package, installs it into small apps and starts them")
  .option("--only <words>", "the apps whose name has these words alone", "")
  .parse();
const { only } = command.opts<{ readonly only: string }>();

const begin = performance.now();
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const tell = (name: string, words: string): void => console.log(`${name.padEnd(12)}${words}`);
let failed = 0;

/** Does one step, and prints its line; one that fails lets the others tell what they have to tell. */
async function step(name: string, does: () => Promise<string>): Promise<void> {
  const since = performance.now();
  try {
    tell(name, `${await does()} (${seconds(since)})`);
  } catch (error) {
    failed++;
    tell(name, `failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const work = await mkdtemp(join(tmpdir(), "tributary-package-"));
try {
  const tarball = await packInto(work, checkout);
  const names = (await readdir(apps)).map((name) => ({ name }));
  for (const { name } of chosenOf(names, (each) => each.includes(only))) {
    const folder = join(work, name);
    await mkdir(folder);
    await step(name, () => tryApp(join(apps, name), folder, tarball));
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
console.log(`${failed === 0 ? "All work" : `${failed} failed`}, in ${seconds(begin)}.`);
process.exitCode = failed === 0 ? 0 : 1;
