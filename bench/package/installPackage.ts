import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { runPage } from "./runPage.js";

const limitMs = 300_000;

/** Runs npm in a folder; what it printed. A failure is an error that has all of it. */
function npm(cwd: string, ...words: readonly string[]): string {
  const env = { ...process.env, npm_config_audit: "false", npm_config_fund: "false", TRIBUTARY_STATE: cwd };
  try {
    return execFileSync("npm", words, { cwd, env, encoding: "utf8", stdio: "pipe", timeout: limitMs });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`npm ${words.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packs the checkout as it is built; the path of the tarball. */
export async function packInto(folder: string, checkout: string): Promise<string> {
  npm(checkout, "pack", "--ignore-scripts", "--pack-destination", folder);
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  return join(folder, tarball);
}

/**
 * Copies an app into a folder, installs it with the package as a user would, and starts it; one that leaves a page in `dist` has it opened. The last
 * line that it prints, and what the page did.
 */
export async function tryApp(app: string, folder: string, tarball: string): Promise<string> {
  await cp(app, folder, { recursive: true });
  npm(folder, "install", "--prefer-offline", tarball);
  const line = npm(folder, "start", "--silent").trim().split("\n").at(-1) ?? "";
  const page = join(folder, "dist");
  return existsSync(join(page, "index.html")) ? `${line}; ${await runPage(page)}` : line;
}
