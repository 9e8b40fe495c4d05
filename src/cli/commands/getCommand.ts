import { Command } from "commander";
import type { GetFlags } from "../get.js";
import { findFlags } from "../options/findFlags.js";
import { collect } from "../options/collect.js";
import { optionRows } from "../options/getOptions.js";

export function getCommand(): Command {
  const command = new Command("get")
    .description(
      "download a file from many peers, or the files of a .meta4 or a list; an interrupted download is taken up by itself",
    )
    .argument(
      "[source...]",
      "links or http(s) mirrors of one file, a .meta4 or its URL, or a root with --peer, --dht or --lan",
    )
    .option("-o, --out <file>", "name of the file (the manifest's)")
    .option(
      "-i, --input-file <list>",
      "download the files of a list: one a line, its mirrors separated by tabs; - for stdin",
    )
    .option("-j, --jobs <n>", "files that are downloaded at a time (5)")
    .option("-p, --peer <url>", "a ws://host:port that has the file; may be repeated", collect)
    .option("--select <name>", "a file of a .meta4: its name, or its place from 1; may be repeated (all)", collect)
    .option("--token <host=secret>", "secret for one host, or host:port; may be repeated", collect)
    .option("--header <host=name: value>", "header for the mirrors on one host, or host:port; may be repeated", collect)
    .option("--token-file <file>", "secrets, one host=secret a line; also TRIBUTARY_TOKEN")
    .option(
      "--checksum <digest>",
      "what the whole file must hash to: sha-256=HEX, an SRI string, or a SHA256SUMS file or its URL",
    )
    .option(
      "--ca <file>",
      "certificate authority to trust for wss:// and https://, PEM, in place of Node's and the system's",
    )
    .option(
      "--seed",
      "serve to others what is here, chunk by chunk as each is verified, and go on after the end until Ctrl-C or a limit",
    )
    .option("--seed-host <address>", "address to serve on (127.0.0.1)")
    .option("--seed-port <n>", "port to serve on (any free one)")
    .option("--seed-token <secret>", "secret that those who ask must bring")
    .option("--seed-limit-rate <rate>", "bytes a second to all of them together, such as 500k or 2M (unlimited)")
    .option("--seed-ratio <n>", "end when so many times the size of the files was served, but not before them")
    .option("--seed-minutes <n>", "end so many minutes after the files")
    .option(
      "--rtc",
      "ask others, too, who download the same from the same seeders, over WebRTC, and with --seed serve them",
    )
    .option(
      "--ice-server <url>",
      "stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT, by which --rtc reaches others behind NAT; may be repeated (none)",
      collect,
    )
    .option(
      "--ui",
      "serve a page of it on 127.0.0.1 while it runs; tell its link, and open it where there is a browser",
    )
    .option("--no-open", "with --ui: only tell the link")
    .option("--config <file>", "options as JSON, by their names in camel case (tributary.config.json)");
  findFlags(command, {
    dht: "find peers in the DHT, by the root alone if need be; with --seed be found there, too",
    lan: "find peers in the local network; with --seed be found there, too",
  });
  for (const { flags, description } of optionRows) command.option(flags, description);
  return command.action(async (sources: readonly string[], flags: GetFlags) => {
    const { get } = await import("../get.js");
    await get(sources, flags, command);
  });
}
