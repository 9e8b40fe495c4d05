import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { retryDefaults } from "../../src/index.js";
import { retryRanges } from "../../src/download/RetryConfig.js";
import { getCommand } from "../../src/cli/commands/getCommand.js";
import { parseConfig } from "../../src/cli/options/configFile.js";
import { optionRows, downloadOptionsOf } from "../../src/cli/options/getOptions.js";
import { findOptions } from "../../src/cli/options/findOptions.js";
import { parseRate } from "../../src/cli/options/parseRate.js";
import { rtcRows } from "../../src/cli/options/rtcOption.js";
import { aNumber, aPort } from "../../src/cli/options/takeNumber.js";
import type { NamedFile } from "../../src/cli/options/takeText.js";
import { aHostToken, readSeedToken, readTokens } from "../../src/cli/options/tokens.js";
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
    expect([row?.read?.("0.2", "--jitter"), row?.read?.("full", "--jitter")]).toEqual([0.2, "full"]);
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
      /strategy is "fast"; it must be one of balanced, fastest, most-reliable, load-balanced, thompson/,
    ],
    [`{ "policy": "bold" }`, /policy is "bold"; it must be one of standard, adaptive/],
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

describe("aNumber", () => {
  it.each(["", " ", "0x50", "1e3", "NaN", "Infinity", "-1", "1.5", "65536", "7001 "])(
    "A port is not %j, which is told with its flag and what would be right",
    (text) => {
      const words = `--port is ${JSON.stringify(text)}; it must be a whole number from 0 to 65535`;
      expect(() => aNumber(aPort)(text, "--port")).toThrow(UsageError);
      expect(() => aNumber(aPort)(text, "--port")).toThrow(words);
    },
  );

  it("A port is a whole number", () => {
    expect([aNumber(aPort)("0", "--port"), aNumber(aPort)("65535", "--port")]).toEqual([0, 65_535]);
  });
});

describe("getCommand", () => {
  it.each([
    [["--exchange", "--no-exchange"], false],
    [["--no-exchange", "--exchange"], true],
  ])("Of %j the last one counts", (words, exchange) => {
    const command = getCommand().action(() => undefined);
    expect(command.parse([...words, "x"], { from: "user" }).opts()).toMatchObject({ exchange });
  });
});

describe("findOptions", () => {
  const refusal = (...given: Parameters<typeof findOptions>): unknown => {
    try {
      return findOptions(...given);
    } catch (error) {
      return error instanceof UsageError && error.message;
    }
  };
  const at = (host: string) => ({ host, called: "--seed-host" });

  it("A node and an address that cannot be are told by their flags", () => {
    expect(refusal({ dht: true, dhtBootstrap: ["nowhere"] })).toMatch(
      /^--dht-bootstrap is "nowhere"; it must be HOST:PORT/,
    );
    expect(refusal({ dht: true }, at("127.0.0.1"))).toMatch(/^--seed-host is 127.0.0.1, which this machine alone/);
    expect(refusal({ dht: true }, at("eth0"))).toMatch(/^--seed-host is "eth0"; it must be an IPv4 address/);
    expect(refusal({ lan: true }, at("127.0.0.1"))).toMatch(/^--seed-host is 127.0.0.1, which this machine alone/);
    expect(refusal({ lan: true }, at("eth0"))).toMatch(/^--seed-host is "eth0"; it must be an IPv4 address/);
  });
});

describe("rtcRows", () => {
  it("A server of ICE that is none is told with its flag, without the secret that it may hold", () => {
    const read = rtcRows.find(({ flags }) => flags.startsWith("--ice-server"))?.read;
    const given = (server: string) => read?.(server, "--ice-server");
    const must = "it must be stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT";
    expect(() => given("nonsense")).toThrow(`--ice-server is "nonsense"; ${must}`);
    expect(() => given("turn:h:1")).toThrow(`--ice-server is "turn:h:1"; ${must}`);
    expect(() => given("turn:u:hun@ter2@h:1 ")).toThrow(`--ice-server is "turn:SECRET@h:1 "; ${must}`);
    expect(() => given("u:hunter2@h:1")).toThrow(`--ice-server is "SECRET@h:1"; ${must}`);
    expect(given("stun:h:1")).toBe("stun:h:1");
  });
});

describe("readTokens", () => {
  const fileOf = (path: string): NamedFile => ({ path, called: "--token-file", must: "a file" });

  it("Tokens of flags count before those of the file, and those of the file before the environment's", async () => {
    const path = join(await tempFolder(), "tokens");
    await writeFile(path, "# comment\n\nb.example=file\r\nc.example=file=x\n");
    const token = [aHostToken("C.example:9=flag", "--token")];
    const tokens = await readTokens({ token, tokenFile: fileOf(path) }, "a.example=env\nb.example=env");
    expect(tokens).toEqual({
      "a.example": "env",
      "b.example": "file",
      "c.example": "file=x",
      "c.example:9": "flag",
    });
  });

  it.each(["hunter2", "=hunter2", "hunter2="])("Tokens refuse %s without repeating it", async (text) => {
    expect(() => aHostToken(text, "--token")).toThrow(/^--token must be HOST=SECRET/);
    await expect(readTokens({}, text)).rejects.toThrow(/^TRIBUTARY_TOKEN must be HOST=SECRET/);
  });

  it("Tokens in a file that cannot be read are refused by its name", async () => {
    await expect(readTokens({ tokenFile: fileOf("/no/such") }, undefined)).rejects.toThrow(
      '--token-file is "/no/such", which cannot be read: no such file or directory (ENOENT); it must be a file',
    );
  });

  it("The token of seed comes from the flag, the file or the environment, and may not be empty", async () => {
    const path = join(await tempFolder(), "token");
    await writeFile(path, "secret\n");
    expect(await readSeedToken({ tokenFile: fileOf(path) }, "env")).toBe("secret");
    expect(await readSeedToken({ token: "flag" }, "env")).toBe("flag");
    expect(await readSeedToken({}, "env")).toBe("env");
    expect(await readSeedToken({}, undefined)).toBeUndefined();
    await writeFile(path, "\n");
    const empty = readSeedToken({ tokenFile: fileOf(path) }, undefined);
    await expect(empty).rejects.toThrow(`the secret in ${path} must be a secret of ASCII characters`);
    await expect(readSeedToken({}, " ")).rejects.toThrow("TRIBUTARY_TOKEN must be a secret of ASCII characters");
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
    const swarm = ["--seed-token", "hunter2", "--ice-server=turn:u:hun@ter2@h:1", "--ice-server", "stun:h:1"];
    expect(resumeCommand(["node", "tributary", "get", ...swarm])).toBe(
      "tributary get --seed-token SECRET --ice-server=turn:SECRET@h:1 --ice-server stun:h:1",
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

  it("A usage error calls an option as it was typed, and leaves other words as they are", () => {
    const told = (message: string): unknown => {
      try {
        return usage(
          () => {
            throw new TypeError(message);
          },
          { host: "--seed-host" },
        );
      } catch (error) {
        return error instanceof UsageError && error.message;
      }
    };
    expect(told('host is ""; it must be the host')).toBe('--seed-host is ""; it must be the host');
    expect(told("hosts are none")).toBe("hosts are none");
    expect(told("constructor is none")).toBe("constructor is none");
  });
});
