import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../tempFolder.js";
import { runCli, startCli } from "../cli/runCli.js";
import { fileServer, servedBytes } from "./fileServer.js";

const link = /its page: (http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)/;

it("get --ui ends as get does: with the file, with the code of a failure, and saved by Ctrl-C", async () => {
  const folder = await tempFolder();
  const { url, release } = await fileServer(4_000_000);
  const stopped = startCli(folder, ["get", `${url}/film`, "--ui", "--no-open"]);
  await stopped.printed(/chunks [1-9]/);
  stopped.child.kill("SIGINT");
  const saved = await stopped.finished;
  expect(saved.code).toBe(130);
  expect(saved.stderr).toContain("paused and saved; to go on: ");
  release();
  const done = await runCli(folder, ["get", `${url}/film`, "--ui", "--no-open", "--json"]);
  expect(done.code).toBe(0);
  expect(done.stderr).toMatch(link);
  const events = done.stdout.split("\n").filter(Boolean);
  expect(JSON.parse(events.at(-1) ?? "")).toMatchObject({ type: "download-completed" });
  expect((await readFile(join(folder, "film"))).equals(servedBytes)).toBe(true);
  const failed = await runCli(folder, [
    "get",
    "http://127.0.0.1:9/film",
    "--ui",
    "--no-open",
    "--max-chunk-retries",
    "0",
  ]);
  expect(failed.code).toBe((await runCli(folder, ["get", "http://127.0.0.1:9/film", "--max-chunk-retries", "0"])).code);
});

it("get --ui shows a list as get does, and ends with the code of the first file that failed", async () => {
  const folder = await tempFolder();
  const { url } = await fileServer();
  const list = `${url}/a\nhttp://127.0.0.1:9/b\n${url}/c\n`;
  const args = ["-i", "-", "--max-chunk-retries", "0"];
  const run = async (...more: readonly string[]) => {
    const cli = startCli(folder, ["get", ...args, ...more]);
    cli.child.stdin.end(list);
    return cli.finished;
  };
  const paged = await run("--ui", "--no-open");
  const plain = await run();
  expect(paged.code).toBe(plain.code);
  const [last, before] = [paged, plain].map(({ stdout }) =>
    stdout
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/ in .*/, ""),
  );
  expect(last).toBe(before);
  expect(paged.stderr).toContain("1 of 3 files failed; to try them again: ");
});

it("The link of get --ui lets one browser in, whose cookie ends with the browser", async () => {
  const folder = await tempFolder();
  const { url, release } = await fileServer(4_000_000);
  const cli = startCli(folder, ["get", `${url}/film`, "--ui", "--no-open", "--quiet"]);
  const [, page = ""] = link.exec(await cli.printed(link)) ?? [];
  const opened = await fetch(page, { redirect: "manual" });
  expect(opened.status).toBe(303);
  const cookie = opened.headers.get("set-cookie") ?? "";
  expect(cookie).not.toContain("Max-Age");
  const late = await fetch(page, { redirect: "manual" });
  expect(late.status).toBe(401);
  expect(await late.text()).toMatch(/`tributary get --ui` has printed, once, .* run it again/);
  const shown = await fetch(new URL("/", page), { headers: { cookie: cookie.split(";")[0] ?? "" } });
  expect(await shown.text()).toContain("<title>Tributary</title>");
  release();
  expect((await cli.finished).code).toBe(0);
});
