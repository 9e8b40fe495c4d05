import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { makePipe } from "../../adapters/node/makePipe.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
  await writeFile(join(folder, "film"), "film");
});

/** What takes the place of a file that a download leaves, or that a user names. */
const strange = [
  ["a pipe", (path: string) => void makePipe(path)],
  ["a link", (path: string) => symlink("nowhere", path)],
] as const;

describe.runIf(process.platform !== "win32")("a name that is not a file's", () => {
  it.each(strange)(
    "A name that is no file's, %s, in the place of the lock: get refuses it by its name, status tells of it and goes on",
    async (kind, make) => {
      const { link } = await seedFile(join(folder, "film"));
      await make(join(folder, "copy.part.lock"));
      await writeFile(join(folder, "copy.part.json"), "{}");
      await writeFile(join(folder, "other.part.json"), "{}");
      const got = await runCli(folder, ["get", link, "-o", "copy"]);
      expect(got).toMatchObject({ code: 7 });
      expect(got.stderr).toMatch(
        new RegExp(
          `^tributary: .*/copy\\.part\\.lock is ${kind}, expected a file or nothing; if no download runs, remove it\n$`,
        ),
      );
      const { code, stdout } = await runCli(folder, ["status"]);
      expect(code).toBe(0);
      expect(stdout).toContain(`problem: copy.part.lock is ${kind}, expected a file or nothing`);
      expect(stdout).toContain("other  not running");
    },
  );

  it.each(strange)(
    "A name that is no file's, %s, in the place of the lock refuses get also when the file is here",
    async (kind, make) => {
      const { link } = await seedFile(join(folder, "film"));
      await make(join(folder, "film.part.lock"));
      const { code, stderr } = await runCli(folder, ["get", link]);
      expect({ code, told: stderr.includes(`film.part.lock is ${kind}, expected a file`) }).toEqual({
        code: 7,
        told: true,
      });
    },
  );

  it.each(strange)(
    "A name that is no file's, %s, in the place of the record: get and status refuse it",
    async (kind, make) => {
      const { link } = await seedFile(join(folder, "film"));
      await make(join(folder, "copy.part.json"));
      const got = await runCli(folder, ["get", link, "-o", "copy"]);
      expect(got.code).toBe(7);
      expect(got.stderr).toContain(`copy.part.json is ${kind}, expected a file or nothing`);
      expect((await runCli(folder, ["status"])).stdout).toContain(`problem: copy.part.json is ${kind}`);
    },
  );

  it("A pipe as config file, token file, certificate or manifest is refused, not waited for", async () => {
    makePipe(join(folder, "pipe"));
    makePipe(join(folder, "pipe.meta4"));
    const refusals = [
      [["get", "ws://127.0.0.1:1/x", "--config", "pipe"], 2],
      [["get", "ws://127.0.0.1:1/x", "--token-file", "pipe"], 2],
      [["get", "ws://127.0.0.1:1/x", "--ca", "pipe"], 2],
      [["seed", "film", "--token-file", "pipe"], 2],
      [["get", "pipe.meta4"], 7],
      [["verify", "film", "pipe.meta4"], 7],
      [["manifest", "pipe"], 7],
      [["seed", "pipe"], 7],
    ] as const;
    for (const [words, exit] of refusals) {
      const { code, stderr } = await runCli(folder, words);
      expect({ words, code, told: stderr.includes("is a pipe, expected a file") }).toEqual({
        words,
        code: exit,
        told: true,
      });
    }
  });

  it("A pipe of the usual config file's name in the working folder is refused", async () => {
    makePipe(join(folder, "tributary.config.json"));
    const { code, stderr } = await runCli(folder, ["get", "ws://127.0.0.1:1/x"]);
    expect(code).toBe(2);
    expect(stderr).toContain("tributary.config.json is a pipe, expected a file");
  });

  it("A pipe in the place of a manifest that seed would write is refused", async () => {
    makePipe(join(folder, "film.meta4"));
    const { code, stderr } = await runCli(folder, ["seed", "film", "--meta4"]);
    expect({ code, stderr }).toMatchObject({ code: 7 });
    expect(stderr).toContain("film.meta4");
  });

  it("A pipe in the place of the catalogue, or of its lock, is told, and the download goes on", async () => {
    const { link } = await seedFile(join(folder, "film"));
    for (const name of ["catalogue.json", "catalogue.json.lock"]) {
      const state = await tempFolder();
      makePipe(join(state, name));
      const { code, stdout } = await runCli(await tempFolder(), ["get", link, "-o", "copy"], {
        TRIBUTARY_STATE: state,
      });
      expect(code).toBe(0);
      expect(stdout).toContain(`${name} is a pipe, expected a file`);
    }
  });

  it("A token that the shell hands over open is read", async () => {
    const { link } = await seedFile(join(folder, "film"), { token: "secret" });
    const get = startCli(folder, ["get", link, "-o", "copy", "--token-file", "/dev/stdin"]);
    get.child.stdin.end("127.0.0.1=secret\n");
    expect(await get.finished).toMatchObject({ code: 0 });
  });
});
