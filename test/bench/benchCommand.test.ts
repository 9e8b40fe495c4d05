import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const given = process.argv;

class Exit extends Error {
  readonly code: unknown;

  constructor(code: unknown) {
    super(`exit with ${String(code)}`);
    this.code = code;
  }
}

/** The end of a bench that does not begin, for what its command line says: read in this process, which is far quicker than one of its own. */
async function endOf(file: string, ...args: readonly string[]) {
  const path = join(root, "bench", `${file}.ts`);
  process.argv = [process.execPath, path, ...args];
  const told = { stdout: "", stderr: "" };
  for (const to of ["stdout", "stderr"] as const) {
    vi.spyOn(process[to], "write").mockImplementation((text) => {
      told[to] += String(text);
      return true;
    });
  }
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Exit(code);
  });
  vi.resetModules();
  const error: unknown = await import(path).then(
    () => new Error(`${file} began`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Exit)) throw error;
  return { ...told, code: error.code };
}

afterEach(() => {
  vi.restoreAllMocks();
  process.argv = given;
});

it.each([
  [
    "simulate/makespan",
    ["--seeds", "x"],
    "'--seeds <n>' argument 'x' is invalid. It must be a whole number, at least 1.",
  ],
  ["simulate/makespan", ["--only", "corrupt"], "There are:\n  12 peers\n"],
  ["simulate/scale", ["--chunks", "x"], "argument 'x' is invalid. It must be a whole number"],
  ["simulate/main", ["--seeds", "0"], "argument '0' is invalid. It must be a whole number, at least 1."],
  ["simulate/main", ["--foo"], "unknown option '--foo'"],
  ["rivals/main", ["--only", "nothing"], "There are:\n  clean\n"],
  ["rivals/main", ["--tools", "tributary,nothing"], "There are:\n  tributary\n"],
  ["faults/main", ["now"], "too many arguments"],
  ["crash/main", ["--kills", "0"], "argument '0' is invalid. It must be a whole number, at least 1."],
  ["attacks/main", ["--kills", "x"], "argument 'x' is invalid. It must be a whole number, at least 1."],
  ["hostile/main", ["--frames", "x"], "argument 'x' is invalid. It must be a whole number, at least 1."],
  ["soak/main", ["--minutes", "0"], "argument '0' is invalid. It must be a whole number, at least 1."],
  ["house/main", ["--foo"], "unknown option '--foo'"],
] as const)("The bench %s refuses %j in words, with exit code 2", async (file, args, words) => {
  const { code, stdout, stderr } = await endOf(file, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(words);
  expect(stderr).not.toContain("    at ");
});

it("A bench that is asked for help tells its options, and does not begin", async () => {
  const { code, stdout } = await endOf("simulate/main", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("Usage: npm run simulate -- [options]");
});

it("The simulation tries the seeds that it is given", () => {
  const args = ["--import", "tsx", "bench/simulate/main.ts", "--seeds", "2", "--from", "7"];
  expect(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" })).toMatch(/^2 seeds, 12 runs/);
});
