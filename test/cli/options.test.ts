import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { retryDefaults } from "../../src/index.js";
import { retryRanges } from "../../src/download/RetryConfig.js";
import { parseConfig } from "../../src/cli/options/configFile.js";
import { optionRows, downloadOptionsOf } from "../../src/cli/options/getOptions.js";
import { parseRate } from "../../src/cli/options/parseRate.js";
import { readSeedToken, readTokens } from "../../src/cli/options/tokens.js";
import { resumeCommand } from "../../src/cli/resumeCommand.js";
import { UsageError, usage } from "../../src/cli/UsageError.js";
import { tempFolder } from "../tempFolder.js";

describe("optionRows", () => {
  it("Options of get have a flag for every option of the retry config, with its default in the help", () => {
    for (const name of [...Object.keys(retryRanges), "jitter"]) {
      const row = optionRows.find((each) => each.name === name);
      expect(row?.flags, name).toMatch(/^--[a-z-]+ <(n|how)>$/);
      const value = retryDefaults[name as keyof typeof retryDefaults];
      if (value !== undefined) expect(row?.description).toMatch(new RegExp(`\\(("?)${value}\\1\\)$`));
    }
  });

  it("Options of get take numbers from flags as text and from files as numbers", () => {
    const row = optionRows.find(({ name }) => name === "jitter");
    expect([row?.typed?.("0.2"), row?.typed?.("full"), row?.typed?.("")]).toEqual([0.2, "full", ""]);
    expect([row?.take(0.2, "jitter"), row?.take("full", "jitter")]).toEqual([0.2, "full"]);
    expect(() => row?.take("", "jitter")).toThrow(UsageError);
    expect(() => row?.take("0.2", "jitter")).toThrow(UsageError);
  });
});

describe("parseConfig", () => {
  it("A config file takes every option by its name", () => {
    const text = `{ "maxChunkRetries": 5, "jitter": "full", "limitRate": "2M", "json": true, "dir": "films" }`;
    const options = parseConfig(text, "c.json", { named: true });
    expect(options).toEqual({ maxChunkRetries: 5, jitter: "full", limitRate: 2e6, json: true, dir: "films" });
    expect(downloadOptionsOf(options)).toEqual({
      limitRate: 2e6,
      dir: "films",
      retry: { maxChunkRetries: 5, jitter: "full" },
    });
  });

  it.each([
    ["{", /config file c.json is no JSON/],
    ["[]", /must hold one object/],
    ["null", /must hold one object/],
    [
      `{ "maxChunkRetry": 5 }`,
      /^config file c.json: unknown option "maxChunkRetry"; did you mean "maxChunkRetries"\?$/,
    ],
    [`{ "limit-rate": 5 }`, /^config file c.json: unknown option "limit-rate"; did you mean "limitRate"\?$/],
    [`{ "xyz": 5 }`, /^config file c.json: unknown option "xyz"; known are dir, /],
    [`{ "__proto__": 5 }`, /unknown option "__proto__"/],
    [`{ "quiet": "yes" }`, /quiet is "yes"; it must be true or false/],
    [`{ "dir": 5 }`, /dir is 5; it must be the path of a folder/],
    [`{ "limitRate": {} }`, /limitRate is "{}"; it must be bytes a second/],
    [
      `{ "strategy": "fast" }`,
      /strategy is "fast"; it must be balanced, fastest, most-reliable, load-balanced, thompson/,
    ],
    [`{ "policy": "bold" }`, /policy is "bold"; it must be standard, adaptive/],
    [`{ "maxChunkRetries": "3" }`, /config file c.json: maxChunkRetries is "3"; it must be a whole number/],
    [`{ "maxChunkRetries": null }`, /maxChunkRetries is null/],
  ])("A config file refuses %s", (text, words) => {
    expect(() => parseConfig(text, "c.json", { named: true })).toThrow(UsageError);
    expect(() => parseConfig(text, "c.json", { named: true })).toThrow(words);
  });
});

describe("a config file that was found, not given", () => {
  it.each([`{ "dir": "films" }`, `{ "overwrite": true }`, `{ "overwrite": false }`])(
    "A config file that was found, not given may not hold %s",
    (text) => {
      expect(() => parseConfig(text, "c.json", { named: false })).toThrow(UsageError);
      expect(() => parseConfig(text, "c.json", { named: false })).toThrow(/only from a file given with --config/);
    },
  );

  it("A config file that was found, not given may hold every option that writes nowhere else", () => {
    const text = `{ "maxChunkRetries": 5, "limitRate": "2M", "quiet": true, "failFast": true }`;
    expect(parseConfig(text, "c.json", { named: false })).toEqual(parseConfig(text, "c.json", { named: true }));
  });
});

describe("parseRate", () => {
  it.each([
    ["800", 800],
    ["500k", 500_000],
    ["2M", 2_000_000],
    ["1.5g", 1_500_000_000],
    ["1.1M", 1_100_000],
    ["1.4", 1],
    [7, 7],
  ])("A rate is read from %s", (text, rate) => expect(parseRate(text, "--limit-rate")).toBe(rate));

  it.each(["", "0", "0.4", "-1", "2MB", "fast", "1e3", 0, Number.NaN])("A rate is not %s", (text) => {
    expect(() => parseRate(text, "--limit-rate")).toThrow(UsageError);
  });
});

describe("readTokens", () => {
  it("Tokens of flags count before those of the file, and those of the file before the environment's", async () => {
    const tokenFile = join(await tempFolder(), "tokens");
    await writeFile(tokenFile, "# comment\n\nb.example=file\r\nc.example=file=x\n");
    const tokens = await readTokens({ token: ["C.example:9=flag"], tokenFile }, "a.example=env\nb.example=env");
    expect(tokens).toEqual({
      "a.example": "env",
      "b.example": "file",
      "c.example": "file=x",
      "c.example:9": "flag",
    });
  });

  it.each(["hunter2", "=hunter2", "hunter2="])("Tokens refuse %s without repeating it", async (text) => {
    await expect(readTokens({ token: [text] }, undefined)).rejects.toThrow(/^--token must be HOST=SECRET/);
    await expect(readTokens({}, text)).rejects.toThrow(/^TRIBUTARY_TOKEN must be HOST=SECRET/);
  });

  it("Tokens in a file that cannot be read are refused by its name", async () => {
    await expect(readTokens({ tokenFile: "/no/such" }, undefined)).rejects.toThrow(
      "token file /no/such cannot be read: no such file or directory (ENOENT)",
    );
  });
});

describe("readSeedToken", () => {
  it("The token of seed comes from the flag, the file or the environment, and may not be empty", async () => {
    const tokenFile = join(await tempFolder(), "token");
    await writeFile(tokenFile, "secret\n");
    expect(await readSeedToken({ tokenFile }, "env")).toBe("secret");
    expect(await readSeedToken({ token: "flag" }, "env")).toBe("flag");
    expect(await readSeedToken({}, "env")).toBe("env");
    expect(await readSeedToken({}, undefined)).toBeUndefined();
    await expect(readSeedToken({ token: " " }, undefined)).rejects.toThrow(UsageError);
  });
});

describe("resumeCommand", () => {
  it("The command to resume can be pasted into a shell", () => {
    const argv = ["/usr/bin/node", "/usr/bin/tributary", "get", "ws://a:1/ab", "-o", "it's mine.mkv"];
    expect(resumeCommand(argv)).toBe(String.raw`tributary get ws://a:1/ab -o 'it'\''s mine.mkv'`);
    expect(resumeCommand(["node", "/app/dist/main.js", "get", "x"], "/app")).toBe("node dist/main.js get x");
  });

  it.each(["x".repeat(4000), "a\nb", "a\u202eb"])(
    "The command to resume is told in words where a line could not show it as it is",
    (word) => expect(resumeCommand(["node", "tributary", "get", word])).toBe("the same command again"),
  );

  it("The command to resume keeps secrets to itself", () => {
    const argv = ["node", "tributary", "get", "--token", "a=hunter2", "--token=b=hunter2"];
    expect(resumeCommand(argv)).toBe("tributary get --token a=SECRET --token=b=SECRET");
    const more = ["--header", "a=X: hunter2", "--header=b=Y: hunter2", "--peer=http://u:hun/ter2@h/f"];
    expect(resumeCommand(["node", "tributary", "get", ...more])).toBe(
      "tributary get --header a=SECRET --header=b=SECRET --peer=http://SECRET@h/f",
    );
  });
});

describe("usage", () => {
  it("A usage error blames the user for wrong arguments and for nothing else", () => {
    const fail = (error: Error) => () =>
      usage(() => {
        throw error;
      });
    expect(fail(new TypeError("x"))).toThrow(UsageError);
    expect(fail(new RangeError("x"))).toThrow(UsageError);
    expect(fail(new Error("x"))).not.toThrow(UsageError);
    expect(usage(() => 1)).toBe(1);
  });
});
