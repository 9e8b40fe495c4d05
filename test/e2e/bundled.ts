import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as Readonly<Record<"dependencies" | "optionalDependencies" | "peerDependencies", Readonly<Record<string, string>>>>;
const packages = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
const cache = fileURLToPath(new URL("../../node_modules/.cache/rx-tributary/", import.meta.url));

/**
 * A program of the project in TypeScript, with what is built of its library, as one file that Node runs, and starts in a quarter of the time that a loader
 * takes; beside the packages that it needs.
 */
export function bundled(program: URL): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(program)],
    bundle: true,
    platform: "node",
    format: "esm",
    external: packages.flatMap((name) => [name, `${name}/*`]),
    write: false,
    logLevel: "error",
  });
  const text = outputFiles[0]?.text ?? "";
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const path = join(cache, `${basename(program.pathname, ".ts")}-${digest}.mjs`);
  mkdirSync(cache, { recursive: true });
  // Several workers may be at it.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
  return path;
}
