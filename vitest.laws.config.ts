import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

/** `npm run test:laws`: the files with property tests, each with cases drawn anew; a failure prints its seed and its path. */
const withLaws = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => join("test", file))
  .filter((file) => readFileSync(file, "utf8").includes('from "fast-check"'));

export default defineConfig({
  test: { ...base.test, include: withLaws, env: { FC_SEED: "random", FC_RUNS: "1000", ...given() } },
});

/** What the caller chose goes first. */
function given(): Record<string, string> {
  const { FC_SEED, FC_RUNS } = process.env;
  return { ...(FC_SEED !== undefined && { FC_SEED }), ...(FC_RUNS !== undefined && { FC_RUNS }) };
}
