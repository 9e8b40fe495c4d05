import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Platform } from "esbuild";
import { describe, expect, it } from "vitest";

const checkout = fileURLToPath(new URL("../../../", import.meta.url));
const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};
const built = join(checkout, "dist/doors");
const doors = ["rx-tributary", ...["operators", "node", "browser", "testing"].map((name) => `rx-tributary/${name}`)];

/** What a program of somebody who uses the package prints, from JSON. */
function printedBy(code: string, ...flags: readonly string[]): unknown {
  const words = [...flags, "--input-type=module", "--eval", code];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: checkout, encoding: "utf8" }));
}

/** The folders of the package that a bundler reads for a program with all doors. */
async function takenBy(platform: Platform, conditions: readonly string[]): Promise<ReadonlySet<string>> {
  const contents = doors.map((door, at) => `export * as door${at} from "${door}";`).join("\n");
  const { metafile } = await build({
    stdin: { contents, resolveDir: checkout },
    absWorkingDir: checkout,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform,
    conditions: [...conditions],
    external: ["node:*", "rxjs", ...Object.keys({ ...dependencies, ...optionalDependencies })],
    logLevel: "silent",
  });
  const files = Object.keys(metafile.inputs).filter((file) => file.startsWith("dist/"));
  return new Set(files.map((file) => file.split("/")[1] ?? ""));
}

/** The files that are read before the first line of `path` runs: itself, and what it imports for sure. */
function readBefore(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  const imports = readFileSync(path, "utf8").matchAll(/(?:from|^import) "(\.{1,2}\/[^"]+)"/gm);
  for (const [, to = ""] of imports) readBefore(join(dirname(path), to), found);
  return found;
}

describe("the doors of the package", () => {
  it("An error of one door is of the class that another door exports, whatever conditions Node is given", () => {
    const code = `
      import { lastValueFrom } from "rxjs";
      import { DownloadError, reduce } from "rx-tributary";
      import * as browser from "rx-tributary/browser";
      import * as node from "rx-tributary/node";
      import * as testing from "rx-tributary/testing";

      const thrownBy = (act) => { try { act(); } catch (error) { return error; } };
      const nobody = new DownloadError("NO_PEERS", "nobody has it");
      const faked = await lastValueFrom(testing.fakeDownloadFile(() => [nobody])("http://a/f")).catch((error) => error);
      const errors = [thrownBy(() => node.readMetalink("none", node.sha256)), faked];
      const isOneClass = errors.map((error) => error instanceof DownloadError && error.constructor.name);
      console.log(JSON.stringify([...isOneClass, reduce === browser.reduce]));
    `;
    for (const flags of [[], ["--conditions=browser"], ["--conditions=development"]]) {
      const name = "DownloadError";
      expect(printedBy(code, ...flags), flags.join()).toEqual([name, name, true]);
    }
  });

  it("A bundler takes the modules for a page and the bundle for Node, and never some of both", async () => {
    for (const conditions of [[], ["browser"], ["module", "browser", "development"]])
      expect(await takenBy("browser", conditions), conditions.join()).toEqual(new Set(["src", "operators"]));
    for (const conditions of [[], ["browser"], ["module", "production"]])
      expect(await takenBy("node", conditions), conditions.join()).toEqual(new Set(["doors"]));
  });

  it("The door for Node is in few files, and what is seldom needed is in others that are read later", () => {
    const files = Array.from(readBefore(join(built, "node.js")), (file) => basename(file));
    expect(files.length).toBeLessThan(60);
    const later = readdirSync(join(built, "parts")).filter((file) => file.endsWith(".js") && !files.includes(file));
    for (const part of ["socksHandshake", "parseCheckpoint", "parseCatalogue"]) {
      expect(
        later.filter((file) => file.startsWith(`${part}-`)),
        part,
      ).toHaveLength(1);
    }
  });

  it("The door for Node opens without the package of WebSockets, which few programs need", () => {
    const reading = Array.from(readBefore(join(built, "node.js"))).filter((file) =>
      /^import [^;]*"ws";$/m.test(readFileSync(file, "utf8")),
    );
    expect(reading).toEqual([]);
  });

  it("What a door exports has the name by which it is exported", () => {
    const code = `
      const named = [];
      for (const door of ${JSON.stringify(doors)})
        for (const [name, value] of Object.entries(await import(door)))
          if (typeof value === "function" && value.name !== "" && value.name !== name) named.push([door, name, value.name]);
      console.log(JSON.stringify(named));
    `;
    expect(printedBy(code)).toEqual([]);
  });

  it("The stack of an error tells the place in the source", () => {
    const code = `
      import { parsePeerLink } from "rx-tributary/node";
      try { parsePeerLink("none"); } catch (error) { console.log(JSON.stringify(error.stack)); }
    `;
    expect(printedBy(code, "--enable-source-maps")).toMatch(/src[\\/]protocol[\\/]PeerLink\.ts:\d+/);
  });
});
