import { spawn } from "node:child_process";
import { once } from "node:events";
import { link, lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

const main = fileURLToPath(new URL("../../../dist/tributary.js", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
  await writeFile(join(folder, "film"), Buffer.alloc(100_000, "film"));
});

/** Runs the command from a shell, which `before` prepares and `after` gives a stdout. */
async function shell(before: string, words: readonly string[], after: string) {
  const child = spawn("sh", ["-c", `${before} exec "$0" "$@" ${after}`, process.execPath, main, ...words], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  return { code, stderr };
}

/** Files may grow to 512 bytes in such a process: less than a manifest of many chunks has. */
const littleRoom = "ulimit -f 1;";
const noRoom = "tributary: cannot write to stdout: no space left on device (ENOSPC)\n";

describe.runIf(process.platform === "linux")("a stdout that cannot be written", () => {
  it.each([
    [["manifest", "film"]],
    [["verify", "film", "film.meta4"]],
    [["status"]],
    [["status", "--json"]],
    [["peers"]],
    [["stats", "--json"]],
    [["--help"]],
    [["get", "--help"]],
    [["--version"]],
  ])("A stdout that cannot be written ends %j with exit code 7 and one line on stderr", async (words) => {
    await writeFile(join(folder, "a.part.json"), "{}");
    expect((await runCli(folder, ["manifest", "film", "-o", "film.meta4"])).code).toBe(0);
    expect(await shell("", words, "> /dev/full")).toEqual({ code: 7, stderr: noRoom });
  });

  it.each([[[]], [["--json"]]])(
    "A stdout that cannot be written keeps no download from its end, which exits with 7: get %j",
    async (words) => {
      const { link } = await seedFile(join(folder, "film"));
      expect(await shell("", ["get", link, "-o", "copy", ...words], "> /dev/full")).toEqual({
        code: 7,
        stderr: noRoom,
      });
      expect((await readFile(join(folder, "copy"))).equals(await readFile(join(folder, "film")))).toBe(true);
    },
  );

  it("A stdout that cannot be written leaves the exit code of what failed anyway", async () => {
    const { code, stderr } = await shell("", ["get", "no.meta4"], "> /dev/full");
    expect({ code, told: stderr.includes("no.meta4 does not exist") }).toEqual({ code: 5, told: true });
  });

  it("A stdout that cannot be written ends a seeder whose links nobody can read", async () => {
    expect(await shell("", ["seed", "film", "--quiet"], "> /dev/full")).toEqual({ code: 7, stderr: noRoom });
  });

  it("A stdout that cannot be written is seen where the disk has room for a part only", async () => {
    const cut = await shell(littleRoom, ["manifest", "film", "--chunk-size", "1000"], "> manifest");
    expect(cut).toEqual({ code: 7, stderr: "tributary: cannot write to stdout: file too large (EFBIG)\n" });
    expect((await stat(join(folder, "manifest"))).size).toBe(512);
  });

  it("A stdout that cannot be written is no failure when its reader has gone", async () => {
    const running = startCli(folder, ["manifest", "film"]);
    running.child.stdout.destroy();
    const { code, stderr } = await running.finished;
    expect({ code, stderr: stderr.replace(/[0-9a-f]{64}/, "ROOT") }).toEqual({
      code: 0,
      stderr: "tributary: root ROOT\n",
    });
  });
});

describe.runIf(process.platform !== "win32")("a file that the command writes", () => {
  const manifest = ["manifest", "film", "--chunk-size", "1000", "-o", "new"];

  it("A file that the command writes is not there when it cannot be written whole, so that the next try is not refused", async () => {
    const { code, stderr } = await shell(littleRoom, manifest, "");
    expect({ code, stderr }).toEqual({ code: 7, stderr: "tributary: cannot write new: file too large (EFBIG)\n" });
    expect(await readdir(folder)).toEqual(["film"]);
    expect((await runCli(folder, manifest)).code).toBe(0);
    expect(await readFile(join(folder, "new"), "utf8")).toMatch(/<\/metalink>\n$/);
    expect((await readdir(folder)).sort()).toEqual(["film", "new"]);
  });

  it("A file that the command writes is left as it was when its successor cannot be written", async () => {
    await writeFile(join(folder, "new"), "old", { mode: 0o600 });
    expect((await shell(littleRoom, [...manifest, "--overwrite"], "")).code).toBe(7);
    expect(await readFile(join(folder, "new"), "utf8")).toBe("old");
    expect((await runCli(folder, [...manifest, "--overwrite"])).code).toBe(0);
    expect(await readFile(join(folder, "new"), "utf8")).toMatch(/<\/metalink>\n$/);
    expect((await stat(join(folder, "new"))).mode & 0o777).toBe(0o600);
  });

  it("A file that the command writes is never written through a link or over a device, nor changed under its other name", async () => {
    await writeFile(join(folder, "theirs"), "theirs");
    await symlink("theirs", join(folder, "new"));
    const { code, stderr } = await runCli(folder, [...manifest, "--overwrite"]);
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: "tributary: cannot write new: it is not a file, and is left as it is\n",
    });
    expect((await lstat(join(folder, "new"))).isSymbolicLink()).toBe(true);
    await link(join(folder, "theirs"), join(folder, "other"));
    expect((await runCli(folder, [...manifest.slice(0, -1), "other", "--overwrite"])).code).toBe(0);
    expect(await readFile(join(folder, "theirs"), "utf8")).toBe("theirs");
  });

  it("A file that the command writes is refused where there is one already", async () => {
    await writeFile(join(folder, "new"), "old");
    const { code, stderr } = await runCli(folder, manifest);
    expect({ code, stderr }).toEqual({ code: 7, stderr: "tributary: new exists already; --overwrite replaces it\n" });
    expect((await readdir(folder)).sort()).toEqual(["film", "new"]);
  });
});
