import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bench = (file: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", "tsx", `bench/${file}.ts`, ...args],
      { cwd: root },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
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
  ["house/main", ["--foo"], "unknown option '--foo'"],
] as const)("%s refuses %j in words, with exit code 2", async (file, args, words) => {
  const { code, stdout, stderr } = await bench(file, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(words);
  expect(stderr).not.toContain("    at ");
});

it("tells its options", async () => {
  const { code, stdout } = await bench("simulate/main", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("Usage: npm run simulate -- [options]");
});

it("tries the seeds that it is given", async () => {
  const { code, stdout } = await bench("simulate/main", "--seeds", "2", "--from", "7");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^2 seeds, 4 runs/);
});
