import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { exitCodes } from "../src/cli/exitCodes.js";
import { optionRows } from "../src/cli/options/getOptions.js";
import { retryDefaults, strategyNames, verdicts } from "../src/index.js";
import type { Blame } from "../src/errors/verdicts.js";
import { retryRanges } from "../src/download/RetryConfig.js";
import { allCommands } from "./cli/allCommands.js";
import { anchorsIn, linksIn, rowsUnder, wordsInCode } from "./documents.js";

const checkout = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, checkout), "utf8");
const { files, scripts } = JSON.parse(read("package.json")) as {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
};
const docs = readdirSync(new URL("docs/", checkout)).filter((name) => name.endsWith(".md"));
const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...docs.map((name) => `docs/${name}`)];
const policy = read("docs/policy.md");
const cli = read("docs/cli.md");

const commands = allCommands();

describe("docs/policy.md", () => {
  it("Every option of the retry policy is told with its default", () => {
    const told = rowsUnder(policy, "Retry policy").map(([name = "", value]) => [wordsInCode(name)[0], value]);
    const defaults: Record<string, unknown> = { ...retryDefaults };
    const wanted = Object.keys({ ...retryRanges, ...retryDefaults });
    expect(told.map(([name]) => name).toSorted()).toEqual(wanted.toSorted());
    for (const [name = "", value] of told) {
      if (name !== "maxTotalRetries") expect({ [name]: value }).toEqual({ [name]: String(defaults[name]) });
    }
  });

  it("Every strategy is told", () => {
    const told = rowsUnder(policy, "Who is asked first");
    expect(told.map(([name = ""]) => wordsInCode(name)[0])).toEqual(strategyNames);
  });

  it("Every error is told with its verdict and what the peer suffers", () => {
    const suffers: Record<Blame, RegExp> = {
      failure: /^a failure/,
      busy: /^a rest/,
      missing: /^not asked for this chunk/,
      excluded: /^exclusion/,
      quarantined: /^quarantine/,
      nobody: /^nothing/,
    };
    const rows = rowsUnder(policy, "Errors");
    for (const [codes = "", verdict, fate] of rows) {
      for (const code of wordsInCode(codes)) {
        const rule = verdicts[code as keyof typeof verdicts];
        expect({ code, verdict }).toEqual({ code, verdict: rule.verdict });
        expect(fate).toMatch(suffers[rule.blame]);
      }
    }
    const told = rows.flatMap(([codes = ""]) => wordsInCode(codes));
    expect(told.toSorted()).toEqual(Object.keys(verdicts).toSorted());
  });
});

describe("docs/cli.md", () => {
  it("Every exit code is told", () => {
    const told = rowsUnder(cli, "Exit codes").map(([code]) => Number(code));
    expect(told).toEqual(Object.values(exitCodes));
  });

  it("Every option that a config file takes is told", () => {
    const words = new Set(wordsInCode(cli + policy));
    for (const { name } of optionRows) expect(words).toContain(name);
  });

  it("Options of get are told in the groups and in the order of the help, as they are typed", () => {
    const get = commands.find((each) => each.name() === "get") ?? expect.fail("there is no get");
    const headings = [...new Set(get.options.map(({ helpGroupHeading = "" }) => helpGroupHeading))];
    const inHelp = headings.map((heading) => {
      const own = get.options.filter((option) => option.helpGroupHeading === heading && !isOfPolicy(option));
      return { heading: heading.replace(/:$/, ""), flags: own.map(({ flags }) => flags.replaceAll(/<.*>/g, upper)) };
    });
    const [, section = ""] = cli.split("\n## get\n");
    const [own = ""] = section.split("\n## ");
    const told = own
      .split("\n### ")
      .slice(1)
      .map((part) => ({
        heading: part.split("\n", 1)[0],
        flags: rowsUnder(`\n## it\n${part}`, "it").flatMap(([names = ""]) => wordsInCode(names.replaceAll("'", ""))),
      }));
    expect(told.filter(({ flags }) => flags.length > 0)).toEqual(inHelp);
  });

  it("Every command is told with every option of its own", () => {
    const flagsOfPolicy = rowsUnder(policy, "Retry policy").flatMap(([name = ""]) => wordsInCode(name).map(flagOf));
    const told = new Set([...flagsIn(cli), ...flagsOfPolicy]);
    for (const command of commands) {
      expect(cli).toContain(`\`tributary ${command.name()}`);
      expect(flagsOf(command).filter((flag) => !told.has(flag))).toEqual([]);
    }
  });
});

describe("README.md", () => {
  it("The README is of one screen", () => {
    expect(read("README.md").split("\n").length).toBeLessThanOrEqual(100);
  });

  it("Links of the README lead to what is in the package, too", () => {
    const paths = linksIn(read("README.md")).map(({ path }) => path);
    const isPacked = (path: string): boolean => files.some((each) => path === each || path.startsWith(`${each}/`));
    expect(paths.filter((path) => !isPacked(path))).toEqual([]);
  });

  it("Every document can be reached from the README", () => {
    const reached = new Set(linksIn(read("README.md")).map(({ path }) => path));
    expect(documents.slice(1).filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe.each(documents)("%s", (document) => {
  const text = read(document);

  it("Links of a document lead to files that exist, and to headings in them", () => {
    for (const { path, anchor } of linksIn(text)) {
      const target = new URL(path, new URL(document, checkout));
      const exists = existsSync(target);
      const hasHeading = anchor === "" || (exists && anchorsIn(readFileSync(target, "utf8")).has(anchor));
      expect({ path, anchor, exists, hasHeading }).toEqual({ path, anchor, exists: true, hasHeading: true });
    }
  });

  it("Files that a document names exist", () => {
    const paths = wordsInCode(text).filter((word) =>
      /^(src|operators|test|examples|bench|docs|findings)\/[\w./-]+\.\w+$/.test(word),
    );
    for (const path of paths) {
      // Drafts of findings stand for what anyone may write.
      const exists = path.includes("NAME") || existsSync(fileURLToPath(new URL(path, checkout)));
      expect({ path, exists }).toEqual({ path, exists: true });
    }
  });

  it("Scripts that a document names exist", () => {
    const named = Array.from(text.matchAll(/npm run ([a-z][\w:-]*)/g), ([, name = ""]) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it("Commands that a document names exist, with the options that it gives them", () => {
    const lines = [...wordsInCode(text), ...shellLinesIn(text)].filter((line) => /^tributary [a-z]/.test(line));
    for (const line of lines) {
      const [, name = ""] = line.split(" ");
      const command = commands.find((each) => each.name() === name);
      expect({ line, isKnown: command !== undefined }).toEqual({ line, isKnown: true });
      if (command === undefined) continue;
      const known = [...flagsOf(command), "--help"];
      expect({ line, unknown: flagsIn(`\`${line}\``).filter((flag) => !known.includes(flag)) }).toEqual({
        line,
        unknown: [],
      });
    }
  });
});

const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const upper = (value: string): string => value.slice(1, -1).toUpperCase();

/** True for an option that docs/policy.md tells of. */
const isOfPolicy = (option: Option): boolean =>
  Object.hasOwn({ ...retryRanges, ...retryDefaults }, option.attributeName());

const flagsOf = ({ options }: Command): readonly string[] => options.map(({ long }) => long ?? "");

/** The long options in a text's code, without their values. */
function flagsIn(text: string): readonly string[] {
  return wordsInCode(text).flatMap((word) => word.match(/(?<!\S)--[a-z][a-z0-9-]*/g) ?? []);
}

/** Commands in a document's blocks of shell, without what is told of them. */
function shellLinesIn(text: string): readonly string[] {
  const blocks = Array.from(text.matchAll(/^```sh\n([^]*?)^```$/gm), ([, block = ""]) => block);
  return blocks.flatMap((block) => block.split("\n").map((line) => line.replace(/\s+#.*$/, "").trim()));
}
