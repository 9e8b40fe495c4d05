import type { Command } from "commander";
import { collect } from "./collect.js";

/** Adds the flags by which peers are found, and this machine by them. */
export function findFlags(command: Command, { dht, lan }: { readonly dht: string; readonly lan: string }): Command {
  return command
    .option("--dht", dht)
    .option(
      "--dht-bootstrap <host:port>",
      "a node by which the DHT is entered; may be repeated (public nodes of BitTorrent)",
      collect,
    )
    .option("--dht-port <n>", "UDP port of the node of the DHT (any free one)")
    .option("--lan", lan);
}
