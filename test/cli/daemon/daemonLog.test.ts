import { appendFileSync, closeSync, openSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { daemonLog } from "../../../src/cli/daemon/daemonLog.js";
import { tempFolder } from "../../tempFolder.js";

const now = () => new Date("2026-11-29T10:00:00.000Z");

it("A line of the log of a daemon has its time, and nothing that a terminal would obey", async () => {
  const path = join(await tempFolder(), "daemon.log");
  const write = daemonLog(path, now);
  write("listening");
  write("a client was refused: \u001b[31mred\nand a second line");
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe("2026-11-29T10:00:00.000Z listening");
  expect(lines[1]).not.toContain("\u001b");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it("A log that is full begins anew in its place, is kept once, and takes what Node itself says of a crash", async () => {
  const folder = await tempFolder();
  const path = join(folder, "daemon.log");
  const held = openSync(path, "a", 0o600);
  const write = daemonLog(path, now);
  for (let n = 0; n < 10_000; n += 1) write(`line ${n} ${"x".repeat(100)}`);
  appendFileSync(held, "a crash\n");
  closeSync(held);
  expect((await readdir(folder)).toSorted()).toEqual(["daemon.log", "daemon.log.1"]);
  for (const name of ["daemon.log", "daemon.log.1"])
    expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(512 * 1024 + 8);
  const last = (await readFile(path, "utf8")).trimEnd().split("\n").slice(-2);
  expect(last).toEqual([expect.stringContaining("line 9999 "), "a crash"]);
});

it("A log that cannot be written keeps nobody from the work", async () => {
  const write = daemonLog(join(await tempFolder(), "none", "daemon.log"));
  expect(() => write("a line")).not.toThrow();
});
