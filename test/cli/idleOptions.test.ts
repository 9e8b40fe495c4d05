import { describe, expect, it } from "vitest";
import { getCommand } from "../../src/cli/commands/getCommand.js";
import { IdleOptions } from "../../src/cli/IdleOptions.js";
import { type Asked, askedIn } from "../../src/cli/options/Asked.js";
import { emptyAccount } from "../../src/download/Account.js";
import type { DownloadEvent } from "../../src/index.js";
import type { ListEvent } from "../../src/node.js";
import { allCommands } from "./allCommands.js";

const link = `ws://a:1/${"ab".repeat(32)}`;
const [mirror, other] = ["https://a.example/f", "https://b.example/f"];

/** Lines on options that are of no use, and a way to let events come. */
function idle(flags: readonly string[], asked: Asked) {
  const command = getCommand().action(() => undefined);
  command.parse([...flags, "x"], { from: "user" });
  const lines: string[] = [];
  const options = new IdleOptions(command, (text) => lines.push(text));
  options.tell(asked);
  return { lines, options };
}

const asked = (sources: readonly string[], given: Partial<Parameters<typeof askedIn>[0]> = {}): Asked =>
  askedIn({ sources, isList: false, discovery: true, finds: false, ...given });

describe("options that cannot matter", () => {
  it.each<[readonly string[], Asked, string]>([
    [["-j", "3"], asked([link]), "--jobs is of no use here: there is one file"],
    [["--jobs", "3"], asked([mirror, other]), "--jobs is of no use here: there is one file"],
    [["--max-metalink-bytes", "5"], asked([link]), "--max-metalink-bytes is of no use here: there is no Metalink"],
    [
      ["--max-metalink-bytes", "5"],
      asked([mirror, other], { discovery: false }),
      "--max-metalink-bytes is of no use here: there is no Metalink",
    ],
    [
      ["--rtc"],
      asked([mirror, other], { discovery: false }),
      "--rtc is of no use here: others are met at seeders, and there is none",
    ],
    [
      ["--exchange"],
      asked([mirror, other], { discovery: false }),
      "--exchange is of no use here: seeders tell of others, and there is none",
    ],
    [["--header", "a=b: c"], asked([link]), "--header is of no use here: it is for mirrors, and none is asked"],
    [
      ["--no-discovery"],
      asked([link], { discovery: false }),
      "--no-discovery is of no use here: the answers of mirrors alone tell of others, and none is asked",
    ],
    [["--ca", "x"], asked([link]), "--ca is of no use here: no source is a wss:// or https:// one"],
    [["--strategy", "fastest"], asked([link]), "--strategy is of no use here: there is one peer"],
  ])("Of %j it is told that it is of no use, once", (flags, what, line) => {
    const { lines, options } = idle(flags, what);
    options.tell(what);
    expect(lines).toEqual([line]);
  });

  it.each<[readonly string[], Asked]>([
    [["-j", "3"], asked(["film.meta4"])],
    [["-j", "3"], asked([], { isList: true })],
    [["-j", "3"], asked([mirror])],
    [["--max-metalink-bytes", "5"], asked([mirror, other])],
    [["--rtc"], asked([link])],
    [["--rtc"], asked([mirror, other])],
    [["--exchange"], asked(["film.meta4"])],
    [["--no-exchange"], asked([mirror, other], { discovery: false })],
    [["--header", "a=b: c"], asked([link, mirror])],
    [["--no-discovery"], asked([mirror], { discovery: false })],
    [["--ca", "x"], asked(["http://a/f", "http://b/f"])],
    [["--ca", "x"], asked([link.replace("ws", "wss")])],
    [["--strategy", "fastest"], asked([link], { finds: true })],
    [["--strategy", "fastest"], asked([mirror, other], { discovery: false })],
    [[], asked([link])],
  ])("Of %j nothing is told where it may matter", (flags, what) => expect(idle(flags, what).lines).toEqual([]));

  const started = (file: number): ListEvent => fileEvent(file, { type: "download-started", at: 0 } as DownloadEvent);
  const joined = (peer: string): ListEvent => fileEvent(0, { type: "peer-joined", at: 0, peer } as DownloadEvent);
  const fileEvent = (file: number, event: DownloadEvent): ListEvent =>
    ({ type: "file-event", file, event }) as ListEvent;
  const ended = (count: number): ListEvent => {
    const outcomes = Array.from({ length: count }, (_, file) => ({ file, status: "completed", account: emptyAccount }));
    return { type: "list-ended", outcomes } as unknown as ListEvent;
  };

  it("What a lone address turned out to be says that an option was of no use", () => {
    const { lines, options } = idle(["-j", "3", "--rtc"], asked([mirror]));
    for (const event of [started(0), joined(mirror), ended(1)]) options.take(event);
    options.tellWhatCame();
    expect(lines).toEqual([
      "--rtc is of no use here: others are met at seeders, and there is none",
      "--jobs is of no use here: there is one file",
    ]);
  });

  it("A lone address that was one of a Metalink with several files and a seeder made the options matter", () => {
    const { lines, options } = idle(["-j", "3", "--rtc"], asked([mirror]));
    for (const event of [started(0), joined("ws://a:1"), started(1), ended(2)]) options.take(event);
    options.tellWhatCame();
    expect(lines).toEqual([]);
  });

  it("Of a file that never was known nothing is told", () => {
    const { lines, options } = idle(["-j", "3", "--rtc"], asked([mirror]));
    options.take(ended(1));
    options.tellWhatCame();
    expect(lines).toEqual([]);
  });
});

describe("options that contradict others", () => {
  const refusal = async (words: readonly string[]): Promise<string> => {
    const [name = "", ...rest] = words;
    const command = allCommands().find((each) => each.name() === name) ?? expect.fail(`there is no command ${name}`);
    const parsing = command.action(() => undefined).parseAsync(rest, { from: "user" });
    return parsing.then(
      () => "",
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    );
  };

  it.each([
    ["get x --seed-host h", "--seed-host says how to serve; give --seed, too"],
    ["get x --seed-port 1", "--seed-port says how to serve; give --seed, too"],
    ["get x --seed-token s", "--seed-token says how to serve; give --seed, too"],
    ["get x --seed-limit-rate 1M", "--seed-limit-rate says how to serve; give --seed, too"],
    ["get x --seed-ratio 1", "--seed-ratio says how to serve; give --seed, too"],
    ["get x --seed-minutes 1", "--seed-minutes says how to serve; give --seed, too"],
    [
      "get x --seed --rtc --seed-token s",
      "--seed-token is of no use with --rtc: whoever comes by WebRTC brings none; leave one of them out",
    ],
    ["get x --ice-server stun:a:1", "--ice-server says how to meet others; give --rtc, too"],
    ["get x --dht-port 1", "--dht-port is of the DHT; give --dht, too"],
    ["seed x --dht-bootstrap a:1", "--dht-bootstrap is of the DHT; give --dht, too"],
    ["get x --no-open", "--no-open is of the page; give --ui, too"],
    ["get -i l --out x", '--out "x" is of one file, and --input-file names a list; write it into the list'],
    ["get -i l -p ws://a:1", '--peer "ws://a:1" is of one file, and --input-file names a list; write it into the list'],
    ["get -i l --select x", '--select "x" is of one file, and --input-file names a list; write it into the list'],
    ["seed x --token s --token-file f", "--token says what --token-file says, too; leave one of them out"],
    ["seed x --cert f", "--cert is of no use without its key; give --key, too"],
    ["seed x --key f", "--key is of no use without its certificate; give --cert, too"],
    ["manifest x --overwrite", "--overwrite is of a file that is written; give --out, too"],
    ["peers --json --forget all", "--json is of a list, and --forget lists nothing; leave one of them out"],
    [
      "serve --stop --until-idle",
      "--until-idle is of a daemon that starts, and --stop ends the one that runs; leave one of them out",
    ],
  ])("The command %s is refused", async (line, words) => {
    expect(await refusal(line.split(" "))).toBe(`UsageError: ${words}`);
  });

  it.each([
    "get x --seed --seed-port 1 --rtc --ice-server stun:a:1 --ui --no-open",
    "get x --dht --dht-port 1",
    "seed x --cert f --key f --dht --dht-bootstrap a:1",
    "manifest x -o y --overwrite",
    "serve --port 1 --until-idle --log l",
    "serve --stop",
  ])("The command %s is taken", async (line) => expect(await refusal(line.split(" "))).toBe(""));
});
