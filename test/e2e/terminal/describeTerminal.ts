/*
 * A pseudo-terminal is made by `script`, of Debian's bsdutils, and resized by `stty`, of coreutils; another `script` (macOS) takes other words. Where they are
 * missing, tests of terminals are told as not run, by name and on stderr; where CI is set they fail.
 */
import { spawnSync } from "node:child_process";
import { describe } from "vitest";

const missing = [
  ...(/util-linux/.test(output("script")) ? [] : ["script of util-linux"]),
  ...(/coreutils/.test(output("stty")) ? [] : ["stty of coreutils"]),
];

if (missing.length > 0) {
  const text = `no ${missing.join(", no ")}; install it (Debian: apt-get install bsdutils coreutils)`;
  if (process.env["CI"] !== undefined) throw new Error(text);
  console.error(`NOT RUN: tests of terminals: ${text}`);
}

/** As `describe`, for tests that need a pseudo-terminal. */
export function describeTerminal(name: string, tests: () => void): void {
  describe.skipIf(missing.length > 0)(name, tests);
}

function output(program: string): string {
  const { stdout, error } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return error === undefined ? stdout : "";
}
