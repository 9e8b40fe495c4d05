import { needs } from "./needs.js";
import type { OptionRow } from "./OptionRow.js";
import { aNumber, aPort } from "./takeNumber.js";
import { someText } from "./takeText.js";

const withDht = needs("dht", "--dht", "is of the DHT");

/** Flags by which peers are found, and this machine by them; their uses in words. */
export function findRows({ dht, lan }: { readonly dht: string; readonly lan: string }): readonly OptionRow[] {
  return [
    { flags: "--dht", description: dht },
    {
      flags: "--dht-bootstrap <host:port>",
      description: "a node by which the DHT is entered; may be repeated (public nodes of BitTorrent)",
      read: someText("HOST:PORT, such as 10.0.0.1:6881"),
      repeats: true,
      needs: [withDht],
    },
    {
      flags: "--dht-port <n>",
      description: "UDP port of the node of the DHT (any free one)",
      read: aNumber(aPort),
      needs: [withDht],
    },
    { flags: "--lan", description: lan },
  ];
}
