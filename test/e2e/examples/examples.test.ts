import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { tempFolder } from "../../tempFolder.js";
import { DaemonProcess } from "../page/DaemonProcess.js";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const examples = readdirSync(`${project}examples`).filter((name) => name.endsWith(".ts"));

/** Runs one example as a reader would; what it printed, line by line. It must end by itself, and complain of nothing. */
async function run(
  name: string,
  { words = [], env = {} }: { readonly words?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<readonly string[]> {
  const args = ["--import", "tsx", `examples/${name}.ts`, ...words];
  const child = spawn(process.execPath, args, { cwd: project, env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

describe("each example", () => {
  it.each(examples)("%s has at most 40 lines", (name) => {
    expect(readFileSync(`${project}examples/${name}`, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  });

  it.each(examples)("%s uses the package as its users do", (name) => {
    const text = readFileSync(`${project}examples/${name}`, "utf8");
    const imports = Array.from(text.matchAll(/from "([^"]+)"/g), ([, source]) => source);
    expect(imports.length).toBeGreaterThan(0);
    for (const source of imports) expect(source).toMatch(/^(rx-tributary|rxjs|node:|ws$|msgpackr$)/);
  });
});

it("An example downloads for the first time", async () => {
  const [started, known, done, same, ...rest] = await run("firstDownload");
  expect(started).toBe("Downloading copy.bin: 1.00 MB in 4 chunks");
  expect(known).toMatch(/^Peer ws:\/\/127\.0\.0\.1:\d+ is known$/);
  expect(done).toMatch(/^Done: 1\.00 MB verified in /);
  expect(same).toBe("same bytes: true");
  expect(rest).toEqual([]);
});

it("An example downloads many files, and tells how each ended", async () => {
  const lines = await run("manyFiles");
  expect(lines.slice(0, 3).toSorted()).toEqual(["?: failed", "one: completed", "second: completed"]);
  expect(lines.slice(3)).toEqual(["2 of 3 files are here", "one second"]);
});

it("An example pauses, and resumes with what it has", async () => {
  expect(await run("pauseAndResume")).toEqual([
    "first run ended with download-paused",
    "found 5 chunks on disk",
    "second run ended with download-completed",
  ]);
});

it("An example watches percent and peers through one state", async () => {
  const lines = await run("watchEvents");
  const percents = lines.slice(0, -1).map((line) => Number(/^(\d+) %$/.exec(line)?.[1]));
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(0)).toBe(0);
  expect(percents.at(-1)).toBe(100);
  expect(lines.at(-1)).toMatch(/^ws:\/\/127\.0\.0\.1:\d+: 12 chunks, 0 failures, 3000000 bytes$/);
});

it("An example takes half of the chunks from each of two peers of its own", async () => {
  expect(await run("aPeerOfYourOwn")).toEqual(["{ even: 327680, odd: 272320 } same bytes: true"]);
});

it("An example shows what a pool and the operator do together", async () => {
  expect(await run("poolAndOperator")).toEqual([
    "retry 1 after alice failed",
    "retry 2 after alice failed",
    "alice is blacklisted: CONNECTION_REFUSED",
    "retry 3 after alice failed",
    "twenty bytes of data",
    "alice: open, 0 bytes",
    "bob: healthy, 20 bytes",
  ]);
});

it("An example switches to the second mirror when the first stays out of order", async () => {
  expect(await run("operatorWithFetch")).toEqual([
    "retry 1/3 in 20 ms",
    "retry 2/3 in 40 ms",
    "retry 3/3 in 80 ms",
    "switched after HTTP 503",
    "hello from the second mirror",
  ]);
});

it("An example runs a queue of downloads until the button is clicked", async () => {
  const lines = await run("composeIntoApp");
  const [, completed, paused] = /^(\d) completed, (\d) paused$/.exec(lines.at(-1) ?? "") ?? [];
  expect(Number(completed) + Number(paused)).toBe(6);
  expect(Number(completed)).toBeGreaterThanOrEqual(3); // one may have been about to complete at the click
  expect(Number(completed)).toBeLessThanOrEqual(4);
  expect(lines.at(0)).toBe("all files: 262144 bytes");
});

it("An example tests a policy in virtual time", async () => {
  expect(await run("myPolicy")).toEqual([
    "ok: takes turns, and waits 1 and 3 min",
    "ok: gives up at once on what is gone",
  ]);
});

it("An example compares two policies on one swarm", async () => {
  const lines = await run("testYourPolicy");
  const medians = lines.map((line) => /^(patient|brisk): 5 of 5 completed, median (\d+) s$/.exec(line));
  expect(medians.map((found) => found?.[1])).toEqual(["patient", "brisk"]);
  expect(Number(medians[1]?.[2])).toBeLessThanOrEqual(Number(medians[0]?.[2]));
});

it("An example scripts the daemon by its protocol: adds a download, resumes it and sees it complete", async () => {
  const folder = await tempFolder();
  const server = createServer((_, answer) => answer.end("a file of a server")).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const daemon = await DaemonProcess.start(folder);
  onTestFinished(() => daemon.kill("SIGTERM"));
  const words = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/file`];
  const states = await run("scriptTheDaemon", { words, env: { TRIBUTARY_STATE: join(folder, "state") } });
  expect([states[0], states.at(-1)]).toEqual(["paused", "completed"]);
  expect(await readFile(join(folder, "downloads", "file"), "utf8")).toBe("a file of a server");
});
