import { Command } from "commander";
import { collect } from "../options/collect.js";
import { findFlags } from "../options/findFlags.js";
import type { SeedFlags } from "../seed.js";

export function seedCommand(): Command {
  const command = new Command("seed")
    .description("serve files, or all files in folders; prints one link a file")
    .argument("<path...>", "files and folders")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0 takes any free one", "0")
    .option("--token <secret>", "secret that clients must bring; also TRIBUTARY_TOKEN")
    .option("--token-file <file>", "file that holds that secret")
    .option("--cert <file>", "certificate for wss://, PEM")
    .option("--key <file>", "its key, PEM")
    .option("--allow-origin <origin>", "origin whose web pages may ask, or * for all; may be repeated (none)", collect)
    .option("--limit-rate <rate>", "bytes a second to all clients together, such as 500k or 2M")
    .option("--meta4", "write FILE.meta4 beside each file; nothing is replaced")
    .option("-q, --quiet", "tell only of files that are left out or badly named");
  findFlags(command, {
    dht: "announce the files in the DHT, by digests of their roots",
    lan: "announce the files in the local network, by digests of their roots",
  });
  return command.action(async (paths: readonly string[], flags: SeedFlags) => {
    const { seed } = await import("../serving.js");
    await seed(paths, flags);
  });
}
