import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { record } from "../../../web/src/lab/Recording.js";
import { swarmPeer, swarms } from "../../../web/src/lab/swarms.js";
import { testOf } from "../../../web/src/lab/testOf.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const course = { peers: (swarms["Everybody breaks"] ?? []).map(swarmPeer), chunks: 60, chunkBytes: 262_144, seed: 1 };

it("The test that a race gives away passes, with marbles for the waits", () => {
  const config = { retry: { maxChunkRetries: 2, initialBackoffMs: 200 }, parallelRetries: false };
  const folder = join(root, "test", "e2e", "page", `given-${process.pid}`);
  mkdirSync(folder);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const doors = { operators: "operators", testing: "testing" };
  let text = testOf(config, course, record(course, config)).replace('"rx-tributary"', '"../../../../src/index.js"');
  for (const door of Object.values(doors))
    text = text.replace(`"rx-tributary/${door}"`, `"../../../../src/${door}.js"`);
  writeFileSync(join(folder, "given.test.ts"), text);
  const words = [vitest, "run", join(folder, "given.test.ts"), "--coverage.enabled=false", "--reporter=json"];
  const report = JSON.parse(execFileSync(process.execPath, words, { cwd: root, encoding: "utf8", stdio: "pipe" })) as {
    readonly numPassedTests: number;
  };
  expect(report.numPassedTests).toBe(2);
});
