import type { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { calledIn } from "../../src/cli/options/calledIn.js";
import { readText } from "../../src/cli/options/readText.js";
import type { NamedFile } from "../../src/cli/options/takeText.js";
import { UsageError } from "../../src/cli/UsageError.js";
import { allCommands } from "./allCommands.js";

const wrong = "no such thing";

/** Options with a value, each with the command that has it. */
const withValues = allCommands().flatMap((command) =>
  command.options
    .filter(({ required }) => required)
    .map((option) => [command.name(), option.long ?? "", option] as const),
);

/** Options that take any words: what is wrong with them shows later, by the same name. */
const takeWords = [
  ...["get --select", "get --out", "get --dir", "get --dht-bootstrap", "get --seed-host"],
  ...["seed --host", "seed --dht-bootstrap", "verify --select", "manifest --out"],
  ...["add --out", "add --dir", "serve --dir", "serve --log", "peers --forget"],
];

describe("options that take a value", () => {
  it("There are options of every command that has some", () => {
    expect(new Set(withValues.map(([name]) => name)).size).toBe(7);
    expect(withValues.length).toBeGreaterThan(50);
  });

  it.each(withValues)(
    "Of %s %s an empty value is refused by the option's name, with what would be right",
    (name, flag, option) => {
      const { refusal } = parsed(name, option, "");
      expect(refusal).toMatch(new RegExp(`^${flag} (?:is ""; it must be |must be )[^]{4,}$`));
    },
  );

  it.each(withValues)(
    "Of %s %s a value that cannot be is refused by name, value and what would be right",
    async (name, flag, option) => {
      const { refusal, value } = parsed(name, option, wrong);
      const words = refusal ?? (isFile(value) ? await refusalOf(() => readText(value)) : undefined);
      const isAnyWord = takeWords.includes(`${name} ${flag}`);
      expect({ isRefused: words !== undefined }).toEqual({ isRefused: !isAnyWord });
      if (words !== undefined)
        expect(words).toMatch(new RegExp(`^${flag} (?:is "${wrong}"[,;] [^]*it must be |must be )[^]{4,}$`));
    },
  );
});

describe("calledIn", () => {
  const peer = { flags: "-p, --peer <url>", long: "--peer", short: "-p" };

  it.each([
    [["get", "-p", "x"], "-p"],
    [["get", "-px"], "-p"],
    [["get", "-qp", "x"], "-p"],
    [["get", "--peer", "x"], "--peer"],
    [["get", "--peer=x"], "--peer"],
    [["get", "-p", "x", "--peer", "y"], "--peer"],
    [["get", "x"], "--peer"],
  ])("An option in %j is called %s", (words, called) => expect(calledIn(peer, words)).toBe(called));

  it("An option without a short name has the one that it has", () => {
    expect(calledIn({ flags: "--ca <file>", long: "--ca" }, ["get", "-c", "x"])).toBe("--ca");
  });
});

/** What a command makes of a value: its refusal, or the value as the command gets it. */
function parsed(name: string, option: Option, text: string): { readonly refusal?: string; readonly value?: unknown } {
  const command = commandOf(name);
  for (const argument of command.registeredArguments) argument.required = false;
  try {
    command.action(() => undefined).parseOptions([option.long ?? "", text]);
  } catch (error) {
    if (error instanceof UsageError) return { refusal: error.message };
    throw error;
  }
  return { value: command.opts<Record<string, unknown>>()[option.attributeName()] };
}

function commandOf(name: string): Command {
  return allCommands().find((each) => each.name() === name) ?? expect.fail(`there is no command ${name}`);
}

function isFile(value: unknown): value is NamedFile {
  return typeof value === "object" && value !== null && "path" in value;
}

async function refusalOf(read: () => Promise<unknown>): Promise<string> {
  return read().then(
    () => "",
    (error: unknown) => (error instanceof UsageError ? error.message : String(error)),
  );
}
