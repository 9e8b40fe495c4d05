import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const checkout = mkdtempSync(join(tmpdir(), "house-"));
let told = "";

const code: Readonly<Record<string, string>> = {
  "src/index.ts": 'export { a } from "./errors/a.js";\n',
  "src/errors/a.ts": 'import { b } from "./b.js";\n/** It is a. */\nexport const a = b;\n',
  "src/errors/b.ts": `import type { a } from "./a.js";\nimport { c } from "./c.js";\n/** The b. What it is. */\nexport const b = (x: typeof a) => {\n${"  c;\n".repeat(70)}};\n`,
  "src/errors/c.ts":
    "// Those calls are of no use; `toDownloadError(d)` in words is none.\nexport const c = toDownloadError(1);\n",
  "src/cli/showA.ts": "export const a = 1;\n",
  "src/cli/showB.ts": 'import { a } from "./showA.js";\nexport const b = a;\n',
  "src/cli/showC.ts": 'import { b } from "./showB.js";\n/** Whether c. One c of many. */\nexport const c = b;\n',
  "operators/d.ts": `/** One request. */\nexport function d() {\n  return () => {\n${"    1;\n".repeat(66)}  };\n}\n`,
  "test/errors/a.test.ts":
    'describe("a", () => {\n  it("is b", f);\n  it("A stranger is b", f);\n  it("a is c", f);\n  it.each([1])("%i is b", f);\n});\n',
  "bench/e.ts": "",
  "examples/f.ts": "",
};

beforeAll(() => {
  for (const [path, text] of Object.entries(code)) {
    mkdirSync(join(checkout, dirname(path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }
  const args = ["--import", "tsx", "bench/house/main.ts", checkout];
  told = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
});
afterAll(() => rmSync(checkout, { recursive: true }));

it.each([
  ["files and lines of each room", "3 files      80 lines  src/errors"],
  ["functions of more than 70 lines", "1  functions of more than 70 lines\n        src/errors/b.ts:4 b, 72 lines"],
  ["circles of imports, those of types too", "1  circles of imports\n        src/errors/a.ts src/errors/b.ts"],
  [
    "short files for one importer that is no door and no family",
    "that one other file imports\n        src/errors/c.ts, 2 lines, for src/errors/b.ts",
  ],
  ["calls of toDownloadError", "1  calls of toDownloadError\n        src/errors/c.ts:2"],
  [
    "doc comments that begin with a pronoun",
    "begin with a pronoun\n        src/cli/showC.ts:2 Whether c. One c of many.\n        src/errors/a.ts:2 It is a.\n",
  ],
  ["sentences of comments that begin with a pronoun", "4  sentences in comments that begin with a pronoun\n"],
  ["names of tests that are fragments", "1  of 4 test names that are fragments\n        test/errors/a.test.ts:2 is b"],
])("The figures of the house name %s", (_, words) => {
  expect(told).toContain(words);
});
