import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exitCodes } from "../src/cli/exitCodes.js";
import { optionRows } from "../src/cli/options/getOptions.js";
import { type Blame, retryDefaults, retryRanges, strategyNames, verdicts } from "../src/index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The cells of the tables under a heading, without the heads. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ""] = readme.split(`\n## ${heading}\n`);
  const [text = ""] = section.split("\n## ");
  const rows = text.split("\n").filter((line) => /^\| [^-]/.test(line));
  return rows.map((row) => row.split("|").map((cell) => cell.trim())).map(([, ...cells]) => cells);
}

/** What stands between back-quotes, blocks of code left out. */
const wordsInCode = (text: string): readonly string[] =>
  Array.from(text.replaceAll(/^```[^]*?^```/gm, "").matchAll(/`([^`\n]+)`/g), ([, word = ""]) => word);

describe("the README", () => {
  it("The README tells every option of the retry policy with its default", () => {
    const told = rowsUnder("Retry policy")
      .slice(1)
      .map(([name = "", value = ""]) => [wordsInCode(name)[0], value]);
    const defaults: Record<string, unknown> = { ...retryDefaults };
    const wanted = Object.keys({ ...retryRanges, ...retryDefaults });
    expect(told.map(([name]) => name).toSorted()).toEqual(wanted.toSorted());
    for (const [name = "", value] of told) {
      if (name !== "maxTotalRetries") expect({ [name]: value }).toEqual({ [name]: String(defaults[name]) });
    }
  });

  it("The README tells every strategy", () => {
    const told = rowsUnder("Who is asked first").slice(1);
    expect(told.map(([name = ""]) => wordsInCode(name)[0])).toEqual(strategyNames);
  });

  it("The README tells every error with its verdict and what the peer suffers", () => {
    const suffers: Record<Blame, RegExp> = {
      failure: /^a failure/,
      busy: /^a rest/,
      missing: /^not asked for this chunk/,
      excluded: /^exclusion/,
      quarantined: /^quarantine/,
      nobody: /^nothing/,
    };
    const rows = rowsUnder("Errors").slice(1);
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

  it("The README tells every exit code", () => {
    const told = rowsUnder("Command line")
      .map(([first = ""]) => Number(first))
      .filter((code) => !Number.isNaN(code));
    expect(told).toEqual(Object.values(exitCodes));
  });

  it("The README tells every option that a config file takes", () => {
    const words = new Set(wordsInCode(readme));
    for (const { name } of optionRows) expect(words).toContain(name);
  });
});

describe.each(["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/recipes.md", "docs/seed-coverage.md"])(
  "%s",
  (document) => {
    const home = new URL(`../${document}`, import.meta.url);
    const text = readFileSync(home, "utf8");

    it("Links of a document lead to files that exist", () => {
      const links = Array.from(text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g), ([, path = ""]) => path);
      expect(links.length).toBeGreaterThan(0);
      for (const path of links)
        expect({ path, exists: existsSync(new URL(path, home)) }).toEqual({ path, exists: true });
    });

    it("Files that a document names exist", () => {
      const paths = wordsInCode(text).filter((word) =>
        /^(src|operators|test|examples|bench|docs)\/[\w./-]+$/.test(word),
      );
      for (const path of paths) {
        expect({ path, exists: existsSync(new URL(`../${path}`, import.meta.url)) }).toEqual({ path, exists: true });
      }
    });
  },
);
